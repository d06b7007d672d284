"""The address book as it counts: who holds which address, where, and whether for good."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network

from govstack.plan.model import Plan, SystemPlan
from govstack.site.book import TRANSIT, parse_place
from govstack.site.model import PLATFORM, Site
from govstack.site.naming import link_holder, router_holder, subnet_holder


class Holds(StrEnum):
    """What an address is for."""

    NETWORK = "network"
    NODE = "node"
    PORT = "port"
    BALANCER = "balancer"
    ROUTER = "router"
    KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One address or network and its holder; a provisional one may still change.

    A `port` is a further one of a node.  A `router` holds an address of the transit network.
    What is `kept` stands in the address book for something that this environment has not, such as
    a balancer where nodes balance.
    """

    domain: str
    zone: str
    subnet: str
    system: str
    address: str
    holder: str
    holds: Holds
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """All addresses, in order within each routing domain."""

    site: str
    name: str
    environment: str
    rows: tuple[Holding, ...]


def holdings_of(site: Site, plan: Plan, systems: AbstractSet[str]) -> Holdings:
    """Return what these systems hold; `platform` holds what the zones' routers have."""
    rows = [
        row
        for system in plan.systems
        if system.id in systems
        for row in _of_system(site, plan, system)
    ]
    if PLATFORM in systems:
        rows += _of_routers(plan)
    if systems >= {PLATFORM, *(system.id for system in plan.systems)}:
        rows += _kept(site, {row.holder for row in rows})
    return Holdings(
        site=plan.site,
        name=plan.name,
        environment=plan.environment.name,
        rows=tuple(sorted(rows, key=_order)),
    )


def _of_system(site: Site, plan: Plan, system: SystemPlan) -> Iterator[Holding]:
    domains = {zone.id: zone.routing_domain for zone in site.zones}
    subnets = {network.zone: str(network.cidr) for network in system.networks}

    def row(
        zone: str, address: IPv4Address | IPv4Network, holder: str, holds: Holds, *, loose: bool
    ) -> Holding:
        return Holding(
            domain=domains[zone],
            zone=zone,
            subnet=subnets[zone],
            system=system.id,
            address=str(address),
            holder=holder,
            holds=holds,
            provisional=loose,
        )

    for net in system.networks:
        holder = subnet_holder(system.birth, net.zone)
        yield row(net.zone, net.cidr, holder, Holds.NETWORK, loose=net.provisional)
    for node in system.nodes:
        yield row(node.zone, node.address, node.name, Holds.NODE, loose=node.provisional)
        for link in node.links:
            holder = link_holder(node.name, link.zone)
            yield row(link.zone, link.address, holder, Holds.PORT, loose=link.provisional)
    loose_holders = set(plan.provisional)
    for each in system.balancers:
        loose = each.name in loose_holders
        yield row(each.zone, each.address, each.name, Holds.BALANCER, loose=loose)


def _of_routers(plan: Plan) -> Iterator[Holding]:
    loose_holders = set(plan.provisional)
    for router in plan.platform.routers:
        holder = router_holder(router.zone)
        yield Holding(
            domain=TRANSIT,
            zone=router.zone,
            subnet=str(plan.platform.transit),
            system=PLATFORM,
            address=str(router.transit_address),
            holder=holder,
            holds=Holds.ROUTER,
            provisional=holder in loose_holders,
        )


def _kept(site: Site, known: AbstractSet[str]) -> Iterator[Holding]:
    """Yield the rows of the address book that nothing in the plan holds."""
    for key, holder in site.addresses:
        if holder not in known:
            place = parse_place(key)
            zone = next(
                (
                    zone.id
                    for zone in site.zones
                    if zone.routing_domain == place.routing_domain
                    and place.network.subnet_of(zone.supernet)
                ),
                "",
            )
            yield Holding(
                domain=place.routing_domain,
                zone=zone,
                subnet="",
                system="",
                address=str(place).partition("/")[2],
                holder=holder,
                holds=Holds.KEPT,
                provisional=False,
            )


def _order(row: Holding) -> tuple[str, IPv4Address, int]:
    """Order by routing domain and number; a network stands before what is in it."""
    network = IPv4Network(row.address)
    return (row.domain, network.network_address, network.prefixlen)
