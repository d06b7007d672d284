"""Who may reach whom: flows, uses and data sets, resolved to the roles that they end at.

Both the checks and the plan go by this list; what is not in it is denied.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from govstack.site.ends import AnyEnd, End, OutsideEnd, SystemEnd, ZoneEnd, parse_end
from govstack.site.kinds import OUTWARD, Exposure, Port
from govstack.site.model import Flow, Site, Zone
from govstack.site.profile import Balancing
from govstack.site.systems import NodeGroup, Service, System, Use

Source = ZoneEnd | SystemEnd | OutsideEnd
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One path: a source, and the role of a system that it may reach on a port.

    Attributes:
        zone: the zone of the role's port that it ends at.
        service: the name of the offered service, if it is one.
        origin: the system whose file asks for it, or "" for site.yaml.
        place: where in that file it is asked for.
        flow: the flow that it comes from, if it does.
    """

    source: Source
    system: str
    role: str
    zone: str
    port: Port
    purpose: str
    service: str = ""
    origin: str = ""
    place: Place = ()
    flow: Flow | None = None


def reaches_of(site: Site) -> tuple[Reach, ...]:
    """Return all paths that the site declares, as written; `any` only where it is allowed."""
    declared = (*_from_uses(site), *_from_data_sets(site), *_from_flows(site))
    if site.environment.profile.load_balancer is Balancing.NODES and site.balancers:
        return tuple(reach for each in declared for reach in _by_nodes(site, each))
    return declared


def source_zones(site: Site, reach: Reach) -> tuple[str, ...]:
    """Return the zones that a path comes from; none for the outside."""
    target = _zone(site, reach.zone)
    found = [
        zone
        for alternatives in _alternatives(site, reach.source)
        for zone in alternatives
        if not _between(_zone(site, zone), target)
    ]
    return tuple(dict.fromkeys(found))


def obstacle(site: Site, reach: Reach) -> str:
    """Return why the path cannot be, or nothing if it can."""
    target = _zone(site, reach.zone)
    if isinstance(reach.source, OutsideEnd):
        if target.exposure in OUTWARD:
            return ""
        return f"the zone {target.id} faces nobody outside, so nothing outside can reach it"
    for alternatives in _alternatives(site, reach.source):
        found = [_between(_zone(site, zone), target) for zone in alternatives]
        # Nodes with several ports take the one that leads there.
        if all(found):
            return found[0]
    return ""


def balanced_service(site: Site, reach: Reach) -> Service | None:
    """Return the balanced service that a path ends at, if it is one."""
    offers = next(system for system in site.systems if system.id == reach.system).offers
    found = (
        service
        for service in offers
        if service.balanced and (service.role, service.port) == (reach.role, reach.port)
    )
    return next(found, None)


def _between(source: Zone, target: Zone) -> str:
    if source.exposure is Exposure.INTERNET and target.holds_data:
        return (
            f"{source.id} faces the Internet and {target.id} holds data: "
            "between them there is no direct path"
        )
    if source.id != target.id and Exposure.PRIVATE in {source.exposure, target.exposure}:
        private, other = (
            (source, target) if source.exposure is Exposure.PRIVATE else (target, source)
        )
        if other.exposure not in {Exposure.EXCHANGE, Exposure.OPERATIONS}:
            return (
                f"{private.id} is a private network: between it and {other.id} there is no path "
                "but through an exchange zone"
            )
    if source.routing_domain != target.routing_domain:
        return (
            f"{source.id} is in the routing domain {source.routing_domain!r} and {target.id} in "
            f"{target.routing_domain!r}: their addresses may overlap, so nothing is routed"
        )
    return ""


def _alternatives(site: Site, source: Source) -> tuple[tuple[str, ...], ...]:
    """Return, for each group of nodes that a path may come from, the zones of its ports."""
    match source:
        case ZoneEnd(zone):
            return ((zone,),)
        case SystemEnd(system, role):
            return tuple(group.zones for group in _groups(site, system, role))
        case OutsideEnd():
            return ()


def _from_uses(site: Site) -> Iterator[Reach]:
    for user in site.systems:
        for index, use in enumerate(user.uses):
            yield from _to_service(site, user, use, user.id, ("uses", index))


def _from_data_sets(site: Site) -> Iterator[Reach]:
    systems = {system.id: system for system in site.systems}
    for provider in site.systems:
        for data_set in provider.data_sets:
            for index, name in enumerate(data_set.consumers):
                if name != data_set.through.system:
                    place = ("data_sets", data_set.id, "consumers", index)
                    consumer, through = systems[name], data_set.through
                    yield from _to_service(site, consumer, through, provider.id, place)


def _to_service(site: Site, user: System, use: Use, origin: str, place: Place) -> Iterator[Reach]:
    """Yield the paths to a service; the use of a container is no path between nodes."""
    system = next(item for item in site.systems if item.id == use.system)
    for service in system.offers:
        if service.name == use.service:
            for group in _groups(site, use.system, service.role):
                reach = Reach(
                    source=SystemEnd(user.id),
                    system=use.system,
                    role=service.role,
                    zone=group.zone,
                    port=service.port,
                    # By its first id: another name of the user is no other path.
                    purpose=f"{user.birth} uses {service.name}",
                    service=service.name,
                    origin=origin,
                    place=place,
                )
                yield from _to_group(site, reach, group)


def _to_group(site: Site, reach: Reach, group: NodeGroup) -> Iterator[Reach]:
    """Yield the path to each port of the group that it leads to; to the first if to none."""
    each = [dataclasses.replace(reach, zone=zone) for zone in group.zones]
    yield from [one for one in each if not obstacle(site, one)] or each[:1]


def _from_flows(site: Site) -> Iterator[Reach]:
    for index, flow in enumerate(site.flows):
        end = parse_end(flow.destination)
        for system in site.systems:
            for group in system.nodes:
                if _is_at(system, group, end):
                    yield from _by_flow(site, index, system, group)


def _by_flow(site: Site, index: int, system: System, group: NodeGroup) -> Iterator[Reach]:
    flow = site.flows[index]
    source, anywhere = parse_end(flow.source), isinstance(parse_end(flow.destination), AnyEnd)
    sources: tuple[Source, ...] = (
        tuple(ZoneEnd(zone.id) for zone in site.zones) if isinstance(source, AnyEnd) else (source,)
    )
    # `any` means whoever else may, so what may not is left out without a word.
    loose = anywhere or isinstance(source, AnyEnd)
    for each in sources:
        itself = isinstance(each, SystemEnd) and each.system == system.id
        for port in flow.ports:
            reach = Reach(
                source=each,
                system=system.id,
                role=group.role,
                zone=group.zone,
                port=port,
                purpose=flow.purpose,
                place=("flows", index),
                flow=flow,
            )
            for path in _to_group(site, reach, group):
                if not (loose and (itself or obstacle(site, path))):
                    yield path


def _by_nodes(site: Site, reach: Reach) -> Iterator[Reach]:
    """Yield the path, or the two that it consists of if nodes balance in between."""
    service = balanced_service(site, reach)
    end = parse_end(site.balancers)
    if service is None or not isinstance(end, SystemEnd) or reach.source == end:
        yield reach
        return
    for group in _groups(site, end.system, end.role):
        front = dataclasses.replace(reach, system=end.system, role=end.role, zone=group.zone)
        yield from _to_group(site, front, group)
    yield dataclasses.replace(
        reach, source=end, purpose=f"{end.system} balances {service.name} of {reach.system}"
    )


def _is_at(system: System, group: NodeGroup, end: End) -> bool:
    match end:
        case AnyEnd():
            return True
        case ZoneEnd(zone):
            return group.zone == zone
        case SystemEnd(name, role):
            return system.id == name and role in {"", group.role}
        case OutsideEnd():
            return False


def _zone(site: Site, name: str) -> Zone:
    return next(zone for zone in site.zones if zone.id == name)


def _groups(site: Site, system: str, role: str = "") -> tuple[NodeGroup, ...]:
    found = next(item for item in site.systems if item.id == system)
    return tuple(group for group in found.nodes if role in {"", group.role})
