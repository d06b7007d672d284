"""The flow matrix: which zone reaches which, on which ports, and every path behind it."""

import dataclasses
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from govstack.plan.model import Plan
from govstack.plan.views.graph import OUTSIDE
from govstack.plan.views.topology import zones_in_order
from govstack.site.ends import INTERNET, WHOLE_INTERNET, OutsideEnd, SystemEnd, ZoneEnd
from govstack.site.kinds import Mechanism, Port, Protocol
from govstack.site.model import Site
from govstack.site.reach import Reach, Source, obstacle, reaches_of, source_zones

SOME_PORT = Port(Protocol.TCP, 1, 1)
"""Whether two zones may meet at all does not depend on the port."""


class Basis(StrEnum):
    """What a path follows from."""

    FLOW = "flow"
    USE = "use"
    DATA_SET = "data_set"


BASES = {"flows": Basis.FLOW, "uses": Basis.USE, "data_sets": Basis.DATA_SET}


@dataclass(frozen=True, slots=True, kw_only=True)
class PathView:
    """One allowed path between two zones; `source_zone` is `outside` if it comes from there.

    `asked_by` is the system whose file says so, or empty for site.yaml.
    """

    source: str
    source_zone: str
    destination: str
    destination_zone: str
    ports: tuple[str, ...]
    mechanism: Mechanism
    purpose: str
    ticket: str
    expires: str
    basis: Basis
    asked_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PortCount:
    """A port, and how many paths are open on it."""

    port: str
    paths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """What is open from one zone, or from outside, to another; `barred` says why nothing can be."""

    source: str
    destination: str
    paths: int
    ports: tuple[PortCount, ...]
    barred: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowMatrix:
    """All that is open; what is not in it is denied.

    Attributes:
        sources: the zones that paths come from, and the outside.
        destinations: the zones that they lead to.
        crossings: each source with each destination.
    """

    site: str
    name: str
    environment: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    crossings: tuple[Crossing, ...]
    paths: tuple[PathView, ...]


def flow_matrix_of(site: Site, plan: Plan, systems: Collection[str]) -> FlowMatrix:
    """Return the paths that begin or end at these systems, and their matrix."""
    paths = tuple(_merged(site, _at(systems, reaches_of(site))))
    zones = tuple(zone.id for zone in zones_in_order(site))
    sources = (OUTSIDE, *zones)
    return FlowMatrix(
        site=plan.site,
        name=plan.name,
        environment=plan.environment.name,
        sources=sources,
        destinations=zones,
        crossings=tuple(_crossings(site, sources, zones, paths)),
        paths=paths,
    )


def _at(systems: Collection[str], reaches: Iterable[Reach]) -> Iterator[Reach]:
    for reach in reaches:
        begins = isinstance(reach.source, SystemEnd) and reach.source.system in systems
        if begins or reach.system in systems:
            yield reach


def _merged(site: Site, reaches: Iterable[Reach]) -> Iterator[PathView]:
    """Yield paths by zones and ends, those that differ in nothing but the port as one."""
    found: dict[PathView, dict[Port, None]] = {}
    for reach in reaches:
        outside = isinstance(reach.source, OutsideEnd)
        for zone in (OUTSIDE,) if outside else source_zones(site, reach):
            found.setdefault(_path(reach, zone), {})[reach.port] = None
    rank = {zone.id: index for index, zone in enumerate(zones_in_order(site))}
    rank[OUTSIDE] = -1
    merged = [_with_ports(path, ports) for path, ports in found.items()]
    yield from sorted(
        merged,
        key=lambda path: (
            rank[path.source_zone],
            rank[path.destination_zone],
            path.source,
            path.destination,
            path.purpose,
        ),
    )


def _path(reach: Reach, zone: str) -> PathView:
    flow = reach.flow
    return PathView(
        source=_text(reach.source),
        source_zone=zone,
        destination=f"{reach.system}/{reach.role}",
        destination_zone=reach.zone,
        ports=(),
        mechanism=flow.mechanism if flow else Mechanism.FIREWALL,
        purpose=reach.purpose,
        ticket=flow.ticket if flow else "",
        expires=flow.expires.isoformat() if flow and flow.expires else "",
        basis=BASES[str(reach.place[0])],
        asked_by=reach.origin,
    )


def _with_ports(path: PathView, ports: Iterable[Port]) -> PathView:
    return dataclasses.replace(path, ports=tuple(str(port) for port in sorted(ports)))


def _text(source: Source) -> str:
    match source:
        case ZoneEnd(zone):
            return zone
        case SystemEnd(system, role):
            return f"{system}/{role}" if role else system
        case OutsideEnd(network):
            return INTERNET if network == WHOLE_INTERNET else str(network)


def _crossings(
    site: Site, sources: Iterable[str], zones: Collection[str], paths: Iterable[PathView]
) -> Iterator[Crossing]:
    ports: dict[tuple[str, str], Counter[str]] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for path in paths:
        pair = (path.source_zone, path.destination_zone)
        counts[pair] += 1
        ports.setdefault(pair, Counter()).update(path.ports)
    for source in sources:
        for zone in zones:
            pair = (source, zone)
            yield Crossing(
                source=source,
                destination=zone,
                paths=counts[pair],
                ports=tuple(
                    PortCount(port=port, paths=number)
                    for port, number in sorted(
                        ports.get(pair, {}).items(), key=lambda item: (-item[1], item[0])
                    )
                ),
                barred=_barrier(site, source, zone),
            )


def _barrier(site: Site, source: str, zone: str) -> str:
    probe = Reach(
        source=OutsideEnd(WHOLE_INTERNET) if source == OUTSIDE else ZoneEnd(source),
        system="",
        role="",
        zone=zone,
        port=SOME_PORT,
        purpose="",
    )
    return obstacle(site, probe)
