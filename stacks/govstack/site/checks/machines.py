"""Is each machine one machine, of a known maker, and is at most one node on it?"""

from collections.abc import Iterator

from govstack.errors import Problem
from govstack.site.declared.system import GroupDeclared, SystemDeclared
from govstack.site.hardware import hardware
from govstack.site.sources import Part, Sources
from govstack.values.suggestion import suggestion


def check_machines(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each machine that cannot be, and each node that cannot be on it."""
    yield from _check_declared(sources)
    taken: dict[str, str] = {}
    for part in sources.systems:
        for role, group in part.declared.nodes.items():
            yield from _check_group(sources, part, role, group, taken)


def _check_declared(sources: Sources) -> Iterator[Problem]:
    serials: dict[str, str] = {}
    controllers: dict[object, str] = {}
    for id_, machine in sources.site.declared.machines.items():
        vendors = hardware().vendors
        if machine.vendor not in vendors:
            yield sources.site.problem(
                f"no maker {machine.vendor!r} is known",
                suggestion(machine.vendor, list(vendors)),
                *("machines", id_, "vendor"),
            )
        first = serials.setdefault(machine.serial, id_)
        if first != id_:
            yield sources.site.problem(
                f"{first} has the serial number {machine.serial!r} too",
                "one of them is written wrong, or both are one machine",
                *("machines", id_, "serial"),
            )
        if machine.management is not None:
            first = controllers.setdefault(machine.management, id_)
            if first != id_:
                yield sources.site.problem(
                    f"{first} is managed at {machine.management} too",
                    "give each its own address",
                    *("machines", id_, "management"),
                )


def _check_group(
    sources: Sources,
    part: Part[SystemDeclared],
    role: str,
    group: GroupDeclared,
    taken: dict[str, str],
) -> Iterator[Problem]:
    if not group.machines:
        return
    here = ("nodes", role)
    for index, id_ in enumerate(group.machines):
        known = sources.site.declared.machines
        if id_ not in known:
            yield part.problem(
                f"there is no machine {id_!r}",
                suggestion(id_, list(known)),
                *here,
                "machines",
                index,
            )
        place = f"{part.declared.id}/{role}"
        if id_ in taken:
            yield part.problem(
                f"the machine {id_!r} has a node already, of {taken[id_]}",
                "name another machine",
                *(*here, "machines", index),
            )
        taken.setdefault(id_, place)
    if len(group.machines) != group.count:
        yield part.problem(
            f"{group.count} nodes are to be on {len(group.machines)} machines",
            "name as many machines as there are nodes",
            *(*here, "machines"),
        )
    if group.links:
        yield part.problem(
            "nodes on machines have one port of the cloud",
            "remove the links: what joins two zones is to be a cloud server",
            *(*here, "links"),
        )
    if group.volumes:
        yield part.problem(
            "nodes on machines have no volumes of the cloud",
            "remove them: a machine's disks are its own",
            *(*here, "volumes"),
        )
