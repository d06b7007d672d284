"""Do all names that the site's files use exist, and are they used once?"""

from collections.abc import Iterable, Iterator

from govstack.errors import Problem
from govstack.site.convert import parse_use
from govstack.site.declared.people import PersonDeclared
from govstack.site.declared.site import FlowDeclared
from govstack.site.declared.system import DataSetDeclared, GroupDeclared, SystemDeclared
from govstack.site.ends import AnyEnd, End, OutsideEnd, SystemEnd, ZoneEnd, parse_end
from govstack.site.model import PLATFORM
from govstack.site.sources import Declared, Part, Sources
from govstack.values.suggestion import suggestion


def check_references(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each name that is unknown, taken or misplaced."""
    folder = sources.root.resolve().name
    if sources.site.declared.id != folder:
        yield sources.site.problem(
            f"the site's id {sources.site.declared.id!r} is not the name of its folder, {folder!r}",
            "an environment's state is found by the folder's name: make them the same",
            "id",
        )
    yield from _check_ids(sources)
    for system in sources.systems:
        yield from _check_system(sources, system)
        yield from _check_uses(sources, system)
    for index, flow in enumerate(sources.site.declared.flows):
        yield from _check_flow(sources, index, flow)
    for account, person in sources.site.declared.people.items():
        yield from _check_person(sources, account, person)


def _check_ids(sources: Sources) -> Iterator[Problem]:
    first: dict[str, Part[SystemDeclared]] = {}
    for part in sources.systems:
        id_ = part.declared.id
        if id_ == PLATFORM:
            yield part.problem(
                f"the id {id_!r} is taken by the platform itself", "choose another", "id"
            )
        elif id_ in first:
            where = first[id_].problem("", "", "id").where
            yield part.problem(
                f"the system {id_!r} is declared twice, first in {where}",
                "give this one an id of its own or remove the file",
                "id",
            )
        elif not part.document.position.file.endswith(f"/{id_}.yaml"):
            yield part.problem(
                f"the file of the system {id_!r} has another name",
                f"call it {id_}.yaml, so that it is found by its id",
                "id",
            )
        first.setdefault(id_, part)
    yield from _check_births(sources)


def _check_births(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each former id that is in use, or that two systems claim."""
    ids = {part.declared.id for part in sources.systems}
    claimed: dict[str, str] = {}
    for part in sources.systems:
        former, id_ = part.declared.renamed_from, part.declared.id
        if not former:
            continue
        taken = former in ids or former in claimed or former == PLATFORM
        if taken:
            owner = claimed.get(former, former)
            yield part.problem(
                f"the former id {former!r} is that of {owner}",
                "name the id that this system itself was first declared with",
                "renamed_from",
            )
        claimed.setdefault(former, id_)


def _check_system(sources: Sources, part: Part[SystemDeclared]) -> Iterator[Problem]:
    site, system = sources.site.declared, part.declared
    yield from _unknown(part, "tenant", system.tenant, site.tenants, "tenant")
    if not system.nodes and not system.containers:
        yield part.problem(
            "it has neither nodes nor containers", "write what the system consists of", "nodes"
        )
    for role, group in system.nodes.items():
        yield from _check_group(sources, part, role, group)
    for zone in system.networks:
        yield from _unknown(part, "zone", zone, site.zones, "networks", zone)
    for name, service in system.offers.items():
        yield from _unknown(part, "role", service.role, system.nodes, "offers", name, "role")
        if name in system.containers:
            yield part.problem(
                f"a container has the name {name!r} too",
                "give one of them another name: both are used by it",
                *("offers", name),
            )
    for name, share in system.shares.items():
        yield from _unknown(part, "role", share.role, system.nodes, "shares", name, "role")
    for id_, data_set in system.data_sets.items():
        yield from _check_data_set(sources, part, id_, data_set)


def _check_group(
    sources: Sources, part: Part[SystemDeclared], role: str, group: GroupDeclared
) -> Iterator[Problem]:
    site, catalog = sources.site.declared, sources.site.declared.catalog
    here = ("nodes", role)
    yield from _unknown(part, "zone", group.zone, site.zones, *here, "zone")
    for index, link in enumerate(group.links):
        yield from _unknown(part, "zone", link, site.zones, *here, "links", index)
    yield from _unknown(part, "flavor", group.flavor, catalog.flavors, *here, "flavor")
    yield from _unknown(part, "image", group.image, catalog.images, *here, "image")
    for name, volume in group.volumes.items():
        there = (*here, "volumes", name)
        if volume.type:
            kinds = catalog.volume_types
            yield from _unknown(part, "volume type", volume.type, kinds, *there, "type")
        if volume.backup:
            policies = site.backup_policies
            yield from _unknown(part, "backup policy", volume.backup, policies, *there, "backup")


def _check_data_set(
    sources: Sources, part: Part[SystemDeclared], id_: str, data_set: DataSetDeclared
) -> Iterator[Problem]:
    systems = {other.declared.id: other.declared for other in sources.systems}
    use = parse_use(data_set.through)
    here = ("data_sets", id_)
    if use.system not in systems:
        yield from _unknown(part, "system", use.system, systems, *here, "through")
    else:
        offers = systems[use.system].offers
        kind = f"service of {use.system}"
        yield from _unknown(part, kind, use.service, offers, *here, "through")
    for index, consumer in enumerate(data_set.consumers):
        yield from _unknown(part, "system", consumer, systems, *here, "consumers", index)


def _check_uses(sources: Sources, part: Part[SystemDeclared]) -> Iterator[Problem]:
    systems = {other.declared.id: other.declared for other in sources.systems}
    for index, text in enumerate(part.declared.uses):
        use = parse_use(text)
        if use.system == part.declared.id:
            yield part.problem(
                f"{use} is the system's own service", "remove the line", "uses", index
            )
        elif use.system not in systems:
            yield from _unknown(part, "system", use.system, systems, "uses", index)
        else:
            used = systems[use.system]
            offers = {**used.offers, **used.containers}
            yield from _unknown(
                part, f"service of {use.system}", use.service, offers, "uses", index
            )


def _check_flow(sources: Sources, index: int, flow: FlowDeclared) -> Iterator[Problem]:
    for key, text in (("from", flow.source), ("to", flow.destination)):
        here = ("flows", index, key)
        try:
            end = parse_end(text)
        except ValueError as error:
            yield sources.site.problem(
                str(error), "write a zone, a system, system/role, any, or a network", *here
            )
            continue
        if key == "to" and isinstance(end, OutsideEnd):
            yield sources.site.problem(
                "a flow cannot end outside the site", "flows say who may reach the site", *here
            )
        yield from _check_end(sources, end, here)


def _check_person(sources: Sources, account: str, person: PersonDeclared) -> Iterator[Problem]:
    tenants = sources.site.declared.tenants
    here = ("people", account)
    yield from _unknown(sources.site, "tenant", person.tenant, tenants, *here, "tenant")
    for index, text in enumerate(person.comes_to):
        there = (*here, "comes_to", index)
        try:
            end = parse_end(text)
        except ValueError as error:
            yield sources.site.problem(
                str(error), "write a zone, a system, system/role, or any", *there
            )
            continue
        if isinstance(end, OutsideEnd):
            yield sources.site.problem(
                "people come to hosts of the site", "write a zone, a system or any", *there
            )
        yield from _check_end(sources, end, there)


def _check_end(sources: Sources, end: End, here: tuple[str | int, ...]) -> Iterator[Problem]:
    systems = {part.declared.id: part.declared for part in sources.systems}
    match end:
        case ZoneEnd(zone):
            yield from _unknown(sources.site, "zone", zone, sources.site.declared.zones, *here)
        case SystemEnd(system, role):
            yield from _unknown(sources.site, "system", system, systems, *here)
            if role and system in systems:
                roles = systems[system].nodes
                yield from _unknown(sources.site, f"role of {system}", role, roles, *here)
        case AnyEnd() | OutsideEnd():
            pass


def _unknown(
    part: Part[Declared],
    kind: str,
    name: str,
    known: Iterable[str],
    *path: str | int,
) -> Iterator[Problem]:
    names = sorted(known)
    if name in names:
        return
    hint = suggestion(name, names) if names else "there is none"
    yield part.problem(f"there is no {kind} {name!r}", hint, *path)
