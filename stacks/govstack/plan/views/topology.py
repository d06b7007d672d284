"""The topology of a site: systems by layer and zone, and who reaches whom.

Paths that everybody has would hide all others, so they are kept with the system that they end or
begin at (`Opening`), not as links.  Links between the same two cells of layer and zone are summed
up (`Bundle`): a city has dozens of cells and hundreds of links.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from govstack.plan.model import Plan, SystemPlan
from govstack.plan.views.graph import (
    NO_ZONE,
    OUTSIDE,
    Bundle,
    Cell,
    Item,
    Link,
    Opening,
    OutsiderView,
    SystemView,
    Topology,
    ZoneView,
)
from govstack.site.ends import ANY, OutsideEnd, SystemEnd, ZoneEnd
from govstack.site.kinds import Exposure, Mechanism, Port
from govstack.site.model import Flow, Site, Zone
from govstack.site.reach import Reach, reaches_of

RANKS = {
    Exposure.INTERNET: 0,
    Exposure.INTERNAL: 1,
    Exposure.EXCHANGE: 2,
    Exposure.PRIVATE: 3,
    Exposure.OPERATIONS: 5,
}
"""The order of zones, from what faces the public to what runs the cloud."""

DATA_RANK = 4
"""Zones with data come after those of the departments, before those of the operators."""


def zones_in_order(site: Site) -> tuple[Zone, ...]:
    """Return the zones from outside inwards."""

    def rank(zone: Zone) -> tuple[int, str]:
        return (DATA_RANK if zone.holds_data else RANKS[zone.exposure], zone.id)

    return tuple(sorted(site.zones, key=rank))


def topology_of(site: Site, plan: Plan, systems: Collection[str]) -> Topology:
    """Return the topology of some systems of a plan, in their zones; of all, in all zones."""
    shown = {system.id: system for system in plan.systems if system.id in systems}
    paths = _Paths()
    for reach in reaches_of(site):
        if reach.system in shown:
            paths.add(reach, shown)
    for user, provider, container in _container_uses(site):
        if user in shown and provider in shown:
            paths.link(user, provider).services[container] = None
    links = tuple(paths.links[key].result(*key) for key in sorted(paths.links))
    views = tuple(_system(site, system, links, paths) for system in shown.values())
    zones = [_zone(zone, views) for zone in zones_in_order(site)]
    outsiders = _outsiders(links, {view.id: view for view in views})
    return Topology(
        site=plan.site,
        name=plan.name,
        environment=plan.environment.name,
        zones=tuple(zone for zone in zones if zone.systems or len(shown) == len(plan.systems)),
        outsiders=outsiders,
        systems=views,
        links=links,
        bundles=_bundles(links, (*views, *outsiders)),
    )


@dataclass(slots=True)
class _LinkParts:
    """What is known so far of one link, each kind in order of its first mention."""

    ports: dict[Port, None] = field(default_factory=dict)
    services: dict[str, None] = field(default_factory=dict)
    mechanisms: dict[Mechanism, None] = field(default_factory=dict)
    purposes: dict[str, None] = field(default_factory=dict)
    declared: bool = False

    def add(self, reach: Reach) -> None:
        self.ports[reach.port] = None
        if reach.service:
            self.services[reach.service] = None
        if reach.flow:
            self.declared = True
            self.mechanisms[reach.flow.mechanism] = None
            self.purposes[reach.flow.purpose] = None

    def result(self, source: str, target: str) -> Link:
        return Link(
            source=source,
            target=target,
            ports=_sorted({str(port) for port in self.ports}),
            services=tuple(sorted(self.services)),
            mechanisms=tuple(sorted(self.mechanisms)),
            purposes=tuple(self.purposes),
            declared=self.declared,
        )


class _Paths:
    """Sorts paths into links between two systems and openings to everybody."""

    def __init__(self) -> None:
        self.links: defaultdict[tuple[str, str], _LinkParts] = defaultdict(_LinkParts)
        self.openings: defaultdict[str, dict[Opening, None]] = defaultdict(dict)

    def link(self, source: str, target: str) -> _LinkParts:
        return self.links[source, target]

    def add(self, reach: Reach, shown: Collection[str]) -> None:
        match reach.source, reach.flow:
            case SystemEnd(system), Flow() as flow if flow.destination == ANY:
                self._open(system, flow, ANY, outward=True)
            case SystemEnd(system), _ if system in shown and system != reach.system:
                self.link(system, reach.system).add(reach)
            case ZoneEnd(zone), Flow() as flow:
                self._open(reach.system, flow, ANY if flow.source == ANY else zone)
            case OutsideEnd(), Flow() as flow:
                self.link(flow.source, reach.system).add(reach)
            case _:
                pass  # within one system, or from one that is not shown

    def _open(self, system: str, flow: Flow, who: str, *, outward: bool = False) -> None:
        opening = Opening(
            outward=outward,
            who=who,
            ports=tuple(str(port) for port in flow.ports),
            purpose=flow.purpose,
        )
        self.openings[system][opening] = None


def _container_uses(site: Site) -> Iterator[tuple[str, str, str]]:
    """Yield the uses that need no path between nodes, since the cloud itself serves them."""
    containers = {
        (system.id, container.name) for system in site.systems for container in system.containers
    }
    for user in site.systems:
        for use in user.uses:
            if (use.system, use.service) in containers and use.system != user.id:
                yield user.id, use.system, use.service


def _system(site: Site, plan: SystemPlan, links: Iterable[Link], paths: _Paths) -> SystemView:
    declared = next(system for system in site.systems if system.id == plan.id)
    zones = dict.fromkeys(zone for group in declared.nodes for zone in group.zones)
    home, *further = zones or (NO_ZONE,)
    return SystemView(
        id=plan.id,
        name=plan.name,
        tenant=plan.tenant_name,
        mlps=plan.mlps,
        cell=Cell(plan.layer, home),
        further_zones=tuple(further),
        nodes=len(plan.nodes),
        machines=sum(node.machine is not None for node in plan.nodes),
        networks=tuple(str(network.cidr) for network in plan.networks),
        reaches=tuple(link.target for link in links if link.source == plan.id),
        reached_by=tuple(link.source for link in links if link.target == plan.id),
        openings=tuple(sorted(paths.openings[plan.id])),
    )


def _outsiders(links: Iterable[Link], systems: dict[str, SystemView]) -> tuple[OutsiderView, ...]:
    found: dict[str, list[Link]] = {}
    for link in links:
        if link.source not in systems:
            found.setdefault(link.source, []).append(link)
    return tuple(
        OutsiderView(
            id=source,
            cell=Cell(systems[reached[0].target].cell.layer, OUTSIDE),
            purposes=tuple(dict.fromkeys(text for link in reached for text in link.purposes)),
        )
        for source, reached in found.items()
    )


def _zone(zone: Zone, systems: Iterable[SystemView]) -> ZoneView:
    within = [system for system in systems if system.cell.zone == zone.id]
    return ZoneView(
        id=zone.id,
        name=zone.name,
        exposure=zone.exposure,
        holds_data=zone.holds_data,
        supernet=str(zone.supernet),
        mlps=zone.mlps,
        systems=len(within),
        nodes=sum(system.nodes for system in within),
    )


def _bundles(links: Iterable[Link], ends: Iterable[Item]) -> tuple[Bundle, ...]:
    cells = {end.id: end.cell for end in ends}
    found: defaultdict[tuple[Cell, Cell], list[Link]] = defaultdict(list)
    for link in links:
        if cells[link.source] != cells[link.target]:
            found[cells[link.source], cells[link.target]].append(link)
    return tuple(
        Bundle(
            source=source,
            target=target,
            links=len(bundled),
            ports=_sorted({port for link in bundled for port in link.ports}),
            mechanisms=tuple(sorted({each for link in bundled for each in link.mechanisms})),
            declared=all(link.declared and not link.services for link in bundled),
        )
        for (source, target), bundled in sorted(found.items())
    )


def _sorted(ports: Iterable[str]) -> tuple[str, ...]:
    """Return ports by number, since that is what one looks for."""

    def number(port: str) -> tuple[int, str]:
        return (int(port.partition("/")[2].partition("-")[0]), port)

    return tuple(sorted(ports, key=number))
