"""From declared paths to rules of security groups, allowed clients and routes between zones."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from govstack.plan.addresses import Addressing, Placed
from govstack.plan.model import RoutePlan, RulePlan
from govstack.site.ends import OutsideEnd, SystemEnd, ZoneEnd
from govstack.site.kinds import Port
from govstack.site.model import Site
from govstack.site.profile import Balancing
from govstack.site.reach import Reach, balanced_service, source_zones
from govstack.site.systems import System

Role = tuple[str, str]
"""A system and one of its roles, or one of its services."""

Routes = Mapping[str, tuple[RoutePlan, ...]]
"""Routes by zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Openings:
    """What is open; all else is denied.

    Attributes:
        rules: who may reach each role.
        clients: who may reach each service that the cloud balances.
        outside: the services among these that are reached from outside.
    """

    rules: Mapping[Role, tuple[RulePlan, ...]]
    clients: Mapping[Role, tuple[str, ...]]
    outside: frozenset[Role]


def openings_of(site: Site, addressing: Addressing, reaches: Iterable[Reach]) -> Openings:
    """Return who may reach each role and each balanced service, by the site's paths."""
    rules: defaultdict[Role, dict[tuple[Port, str], list[str]]] = defaultdict(dict)
    clients: defaultdict[Role, dict[str, None]] = defaultdict(dict)
    outside: set[Role] = set()
    by_cloud = site.environment.profile.load_balancer is Balancing.OCTAVIA
    for reach in reaches:
        remotes = [str(remote) for remote in _remotes(site, addressing, reach)]
        service = balanced_service(site, reach) if by_cloud else None
        purpose = reach.purpose
        if service:
            front = (reach.system, service.name)
            clients[front] |= dict.fromkeys(remotes)
            if isinstance(reach.source, OutsideEnd):
                outside.add(front)
            # The balancer's own ports lie in the network of the role that it serves.
            remotes = [str(addressing.subnets[reach.system, reach.zone][0])]
            purpose = f"the load balancer of {service.name}"
        for remote in remotes:
            purposes = rules[reach.system, reach.role].setdefault((reach.port, remote), [])
            if purpose not in purposes:
                purposes.append(purpose)
    return Openings(
        rules={
            role: tuple(
                sorted(
                    RulePlan(port=port, remote=remote, purpose="; ".join(sorted(purposes)))
                    for (port, remote), purposes in found.items()
                )
            )
            for role, found in rules.items()
        },
        clients={front: tuple(sorted(remotes)) for front, remotes in clients.items()},
        outside=frozenset(outside),
    )


def routes_of(site: Site, addressing: Addressing, reaches: Iterable[Reach]) -> Routes:
    """Return the routes that the site's paths need, both ways; no path, no route."""
    domains = {zone.id: zone.routing_domain for zone in site.zones}
    pairs: set[tuple[str, str]] = set()
    for reach in reaches:
        for zone in source_zones(site, reach):
            if zone != reach.zone and domains[zone] == domains[reach.zone]:
                pairs |= {(zone, reach.zone), (reach.zone, zone)}
    supernets = {zone.id: zone.supernet for zone in site.zones}
    return {
        zone.id: tuple(
            RoutePlan(destination=supernets[other], next_hop=addressing.transit[other])
            for other in supernets
            if (zone.id, other) in pairs
        )
        for zone in site.zones
    }


def further_ways(site: Site, system: System, zone: str, routes: Routes) -> tuple[IPv4Network, ...]:
    """Return where nodes that are linked to a zone come only by their port there.

    All else they reach by the zone that they are at home in.
    """
    homes = {group.zone for group in system.nodes if zone in group.links}
    if not homes:
        return ()
    near = {home: {route.destination for route in routes[home]} for home in homes}
    supernets = {item.id: item.supernet for item in site.zones}
    found = [supernets[zone], *(route.destination for route in routes[zone])]
    known = {supernets[home] for home in homes}.union(*near.values())
    return tuple(network for network in found if network not in known)


def _remotes(site: Site, addressing: Addressing, reach: Reach) -> tuple[IPv4Network, ...]:
    """Return where a path may come from; one role is named by address, all else by network."""
    match reach.source:
        case OutsideEnd(network):
            return (network,)
        case ZoneEnd(zone):
            return tuple(item.supernet for item in site.zones if item.id == zone)
        case SystemEnd(system, ""):
            return tuple(addressing.subnets[system, zone][0] for zone in source_zones(site, reach))
        case SystemEnd(system, role):
            zones = source_zones(site, reach)
            own = next(item for item in site.systems if item.id == system)
            home = next(group.zone for group in own.nodes if group.role == role)
            nodes = addressing.nodes[system, role]
            return tuple(address for node in nodes for address in _ports(node, home, zones))


def _ports(node: Placed, home: str, zones: tuple[str, ...]) -> tuple[IPv4Network, ...]:
    """Return the addresses that a node has in these zones."""
    found = [(home, node.address), *((link.zone, link.address) for link in node.links)]
    return tuple(IPv4Network(address) for zone, address in found if zone in zones)
