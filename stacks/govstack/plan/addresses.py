"""Where everything is: subnets of systems, addresses of nodes and of the zones' routers.

What the address book holds is taken as written.  What it lacks is found, in the order of the
site, and marked provisional: another branch may take the same, so only `allocate` makes it firm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from govstack.plan.pools import Pools
from govstack.site.book import TRANSIT, Place, parse_place
from govstack.site.model import NodeGroup, Site, System
from govstack.site.naming import node_name, node_stem, router_holder, subnet_holder


@dataclass(frozen=True, slots=True)
class Placed:
    """A node's name, number and address."""

    name: str
    number: int
    address: IPv4Address
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressing:
    """All addresses of a site.

    Attributes:
        transit: of the zones' routers, by zone.
        subnets: by system and zone.
        nodes: by system and role.
        added: the rows that the address book lacks.
    """

    transit: Mapping[str, IPv4Address]
    subnets: Mapping[tuple[str, str], tuple[IPv4Network, bool]]
    nodes: Mapping[tuple[str, str], tuple[Placed, ...]]
    added: Mapping[Place, str]


def addressing_of(site: Site) -> Addressing:
    """Return all addresses of the site.

    Raises:
        CapacityExceeded: a zone or a subnet is full.
    """
    pools = Pools({parse_place(key): holder for key, holder in site.addresses})
    zones = {zone.id: zone for zone in site.zones}
    transit = {
        zone: pools.address(router_holder(zone), TRANSIT, site.transit, first=1)[0]
        for zone in zones
    }
    subnets: dict[tuple[str, str], tuple[IPv4Network, bool]] = {}
    nodes: dict[tuple[str, str], tuple[Placed, ...]] = {}
    for system in site.systems:
        for zone, count in _counts(system).items():
            subnets[system.id, zone] = pools.subnet(
                subnet_holder(system.id, zone),
                zones[zone].routing_domain,
                zones[zone].supernet,
                count,
            )
        for group in system.nodes:
            network = subnets[system.id, group.zone][0]
            domain = zones[group.zone].routing_domain
            nodes[system.id, group.role] = _placed(site, system, group, pools, (domain, network))
    return Addressing(transit=transit, subnets=subnets, nodes=nodes, added=pools.added)


def _counts(system: System) -> dict[str, int]:
    """Return how many nodes the system has in each zone, zones in order of first use."""
    counts: dict[str, int] = {}
    for group in system.nodes:
        counts[group.zone] = counts.get(group.zone, 0) + group.count
    return counts


def _placed(
    site: Site, system: System, group: NodeGroup, pools: Pools, where: tuple[str, IPv4Network]
) -> tuple[Placed, ...]:
    stem = node_stem(site.code, system, group.role, group.zone)
    placed = []
    for number in range(1, group.count + 1):
        name = node_name(stem, number)
        address, provisional = pools.address(name, *where)
        placed.append(Placed(name, number, address, provisional))
    return tuple(placed)


def stale_rows(site: Site, addressing: Addressing) -> tuple[str, ...]:
    """Return the rows of the address book that belong to nothing in the site."""
    holders = {router_holder(zone.id) for zone in site.zones}
    holders |= {subnet_holder(system, zone) for system, zone in addressing.subnets}
    holders |= {placed.name for group in addressing.nodes.values() for placed in group}
    return tuple(f"{key}: {holder}" for key, holder in site.addresses if holder not in holders)
