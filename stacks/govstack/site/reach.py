"""Who may reach whom: flows and uses, resolved to the roles that they end at.

Both the checks and the plan go by this list; what is not in it is denied.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from govstack.site.ends import AnyEnd, End, OutsideEnd, SystemEnd, ZoneEnd, parse_end
from govstack.site.model import Exposure, Flow, NodeGroup, Port, Site, System, Zone

Source = ZoneEnd | SystemEnd | OutsideEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One path: a source, and the role of a system that it may reach on a port.

    Attributes:
        zone: the zone of the role.
        origin: the system whose `uses` asks for it, or "" for a flow.
        index: its place in the list of uses or flows.
    """

    source: Source
    system: str
    role: str
    zone: str
    port: Port
    purpose: str
    origin: str
    index: int


def reaches_of(site: Site) -> tuple[Reach, ...]:
    """Return all paths that the site declares, as written; `any` only where it is allowed."""
    return (*_from_uses(site), *_from_flows(site))


def source_zones(site: Site, source: Source) -> tuple[str, ...]:
    """Return the zones that a path may come from; none for the outside."""
    match source:
        case ZoneEnd(zone):
            return (zone,)
        case SystemEnd(system, role):
            groups = _groups(site, system, role)
            return tuple(dict.fromkeys(group.zone for group in groups))
        case OutsideEnd():
            return ()


def obstacle(site: Site, reach: Reach) -> str:
    """Return why the path cannot be, or nothing if it can."""
    zones = {zone.id: zone for zone in site.zones}
    target = zones[reach.zone]
    if isinstance(reach.source, OutsideEnd):
        if target.exposure is Exposure.INTERNAL:
            return f"the zone {target.id} faces nobody outside, so nothing outside can reach it"
        return ""
    found = (_between(zones[name], target) for name in source_zones(site, reach.source))
    return next(filter(None, found), "")


def _between(source: Zone, target: Zone) -> str:
    if source.exposure is Exposure.INTERNET and target.holds_data:
        return (
            f"{source.id} faces the Internet and {target.id} holds data: "
            "between them there is no direct path"
        )
    if source.routing_domain != target.routing_domain:
        return (
            f"{source.id} is in the routing domain {source.routing_domain!r} and {target.id} in "
            f"{target.routing_domain!r}: their addresses may overlap, so nothing is routed"
        )
    return ""


def _from_uses(site: Site) -> Iterator[Reach]:
    offered = {
        (system.id, service.name): service for system in site.systems for service in system.offers
    }
    for user in site.systems:
        for index, use in enumerate(user.uses):
            service = offered[use.system, use.service]
            for group in _groups(site, use.system, service.role):
                yield Reach(
                    source=SystemEnd(user.id),
                    system=use.system,
                    role=service.role,
                    zone=group.zone,
                    port=service.port,
                    purpose=f"{user.id} uses {service.name}",
                    origin=user.id,
                    index=index,
                )


def _from_flows(site: Site) -> Iterator[Reach]:
    for index, flow in enumerate(site.flows):
        end = parse_end(flow.destination)
        for system in site.systems:
            for group in system.nodes:
                if _is_at(system, group, end):
                    yield from _to_group(site, index, flow, system, group)


def _to_group(
    site: Site, index: int, flow: Flow, system: System, group: NodeGroup
) -> Iterator[Reach]:
    source, anywhere = parse_end(flow.source), isinstance(parse_end(flow.destination), AnyEnd)
    sources: tuple[Source, ...] = (
        tuple(ZoneEnd(zone.id) for zone in site.zones) if isinstance(source, AnyEnd) else (source,)
    )
    for each in sources:
        for port in flow.ports:
            reach = Reach(
                source=each,
                system=system.id,
                role=group.role,
                zone=group.zone,
                port=port,
                purpose=flow.purpose,
                origin="",
                index=index,
            )
            # `any` means whoever else may, so what may not is left out without a word.
            loose = anywhere or isinstance(source, AnyEnd)
            itself = isinstance(each, SystemEnd) and each.system == system.id
            if not (loose and (itself or obstacle(site, reach))):
                yield reach


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


def _groups(site: Site, system: str, role: str = "") -> tuple[NodeGroup, ...]:
    found = next(item for item in site.systems if item.id == system)
    return tuple(group for group in found.nodes if role in {"", group.role})
