"""Where everything is: subnets of systems, addresses of nodes and of the zones' routers.

What the address book holds is taken as written.  What it lacks is found, in the order of the
site, and marked provisional: another branch may take the same, so only `allocate` makes it firm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from govstack.plan.model import LinkPlan
from govstack.plan.pools import Pools
from govstack.site.book import TRANSIT, Place, parse_place
from govstack.site.model import Site
from govstack.site.naming import (
    balancer_holder,
    link_holder,
    node_name,
    node_stem,
    router_holder,
    subnet_holder,
)
from govstack.site.systems import NodeGroup, System


@dataclass(frozen=True, slots=True)
class Placed:
    """A node's name, number and addresses."""

    name: str
    number: int
    address: IPv4Address
    provisional: bool
    links: tuple[LinkPlan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressing:
    """All addresses of a site.

    Attributes:
        transit: of the zones' routers, by zone.
        subnets: by system and zone.
        nodes: by system and role.
        balancers: by system and balanced service; kept whether or not the cloud balances.
        added: the rows that the address book lacks.
    """

    transit: Mapping[str, IPv4Address]
    subnets: Mapping[tuple[str, str], tuple[IPv4Network, bool]]
    nodes: Mapping[tuple[str, str], tuple[Placed, ...]]
    balancers: Mapping[tuple[str, str], IPv4Address]
    added: Mapping[Place, str]


def addressing_of(site: Site) -> Addressing:
    """Return all addresses of the site.

    Raises:
        CapacityExceeded: a zone or a subnet is full.
    """
    finder = _Finder(site)
    for system in site.systems:
        finder.add(system)
    return finder.result()


class _Finder:
    """Goes through the systems in order and gives each what the address book lacks."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pools = Pools({parse_place(key): holder for key, holder in site.addresses})
        self._zones = {zone.id: zone for zone in site.zones}
        self._transit = {
            zone: self._pools.address(router_holder(zone), TRANSIT, site.transit, first=1)[0]
            for zone in self._zones
        }
        self._subnets: dict[tuple[str, str], tuple[IPv4Network, bool]] = {}
        self._nodes: dict[tuple[str, str], tuple[Placed, ...]] = {}
        self._balancers: dict[tuple[str, str], IPv4Address] = {}

    def add(self, system: System) -> None:
        for zone, count in _counts(system).items():
            self._subnets[system.id, zone] = self._pools.subnet(
                subnet_holder(system.birth, zone),
                self._zones[zone].routing_domain,
                self._zones[zone].supernet,
                count,
            )
        for group in system.nodes:
            self._nodes[system.id, group.role] = self._placed(system, group)
        for service, zone in _balanced(system):
            holder = balancer_holder(self._site.code, system, zone, service)
            self._balancers[system.id, service] = self._address(system, zone, holder)[0]

    def result(self) -> Addressing:
        return Addressing(
            transit=self._transit,
            subnets=self._subnets,
            nodes=self._nodes,
            balancers=self._balancers,
            added=self._pools.added,
        )

    def _placed(self, system: System, group: NodeGroup) -> tuple[Placed, ...]:
        stem = node_stem(self._site.code, system, group.role, group.zone)
        placed = []
        for number in range(1, group.count + 1):
            name = node_name(stem, number)
            address, provisional = self._address(system, group.zone, name)
            links = tuple(self._link(system, zone, name) for zone in group.links)
            placed.append(Placed(name, number, address, provisional, links))
        return tuple(placed)

    def _link(self, system: System, zone: str, node: str) -> LinkPlan:
        address, provisional = self._address(system, zone, link_holder(node, zone))
        return LinkPlan(zone=zone, address=address, provisional=provisional)

    def _address(self, system: System, zone: str, holder: str) -> tuple[IPv4Address, bool]:
        network = self._subnets[system.id, zone][0]
        return self._pools.address(holder, self._zones[zone].routing_domain, network)


def _counts(system: System) -> dict[str, int]:
    """Return how many addresses the system needs in each zone, zones in order of first use."""
    counts: dict[str, int] = {}
    for group in system.nodes:
        for zone in group.zones:
            counts[zone] = counts.get(zone, 0) + group.count
    for _, zone in _balanced(system):
        counts[zone] += 1
    return counts


def _balanced(system: System) -> tuple[tuple[str, str], ...]:
    """Return the balanced services of the system, each with the zone of its role."""
    zones = {group.role: group.zone for group in system.nodes}
    return tuple(
        (service.name, zones[service.role]) for service in system.offers if service.balanced
    )


def stale_rows(site: Site, addressing: Addressing) -> tuple[str, ...]:
    """Return the rows of the address book that belong to nothing in the site."""
    births = {system.id: system.birth for system in site.systems}
    holders = {router_holder(zone.id) for zone in site.zones}
    holders |= {subnet_holder(births[system], zone) for system, zone in addressing.subnets}
    for placed in (node for group in addressing.nodes.values() for node in group):
        holders.add(placed.name)
        holders |= {link_holder(placed.name, link.zone) for link in placed.links}
    holders |= {
        balancer_holder(site.code, system, zone, service)
        for system in site.systems
        for service, zone in _balanced(system)
    }
    return tuple(f"{key}: {holder}" for key, holder in site.addresses if holder not in holders)
