"""How an operator comes to each node: from outside to a bastion, and on from node to node; pure.

The ways follow from the same rules that the security groups are made of, so a node that no flow
lets operators come to has none.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from itertools import count

from govstack.plan.model import NodePlan, Plan, SystemPlan
from govstack.site.kinds import Protocol
from govstack.site.model import Site

SSH = 22


@dataclass(frozen=True, slots=True)
class Way:
    """The last step to a node: from the node `via`, or from outside if that is empty."""

    node: str
    address: IPv4Address
    via: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """A node's address in a routing domain; `rank` says which comes first."""

    node: NodePlan
    address: IPv4Address
    rank: int


@dataclass(frozen=True, slots=True)
class _Door:
    """The places in one routing domain that SSH is open to from the same networks."""

    domain: str
    remotes: tuple[IPv4Network, ...]
    places: list[_Place]

    def admits(self, address: IPv4Address) -> bool:
        """Tell whether SSH is open from this address."""
        return any(address in remote for remote in self.remotes)


def ways_in(site: Site, plan: Plan, operator: IPv4Address) -> Mapping[str, Way]:
    """Return the shortest way to each node that an operator can come to.

    Args:
        site: the site, which knows where addresses are unique.
        plan: its plan.
        operator: the address that an operator comes from.
    """
    domains = {zone.id: zone.routing_domain for zone in site.zones}
    addresses = {node.name: _addresses(node, domains) for s in plan.systems for node in s.nodes}
    doors = _doors(plan, domains)
    outside = (
        place
        for door in doors
        if door.admits(operator)
        for place in door.places
        if place.node.floating_ip and place.address == place.node.address
    )
    ways = {
        place.node.name: Way(place.node.name, place.address)
        for place in sorted(outside, key=lambda place: place.rank)
    }
    reached = deque(ways)
    while reached and doors:
        via = reached.popleft()
        opened = [door for door in doors if _leads(addresses[via], door)]
        # Whoever has come to one place behind a door may come to all: it need not be tried again.
        doors = [door for door in doors if door not in opened]
        places = (place for door in opened for place in door.places)
        for place in sorted(places, key=lambda place: place.rank):
            if place.node.name not in ways:
                ways[place.node.name] = Way(place.node.name, place.address, via)
                reached.append(place.node.name)
    return ways


def _doors(plan: Plan, domains: Mapping[str, str]) -> list[_Door]:
    """Return all doors; a node's first address ranks before its others."""
    doors: dict[tuple[str, tuple[str, ...]], _Door] = {}
    open_from = {system.id: _remotes(system) for system in plan.systems}
    nodes = sorted(
        ((node, open_from[system.id]) for system in plan.systems for node in system.nodes),
        key=lambda pair: pair[0].name,
    )
    rank = count()
    for node, remotes in nodes:
        for domain, address in _addresses(node, domains):
            key = (domain, remotes.get(node.role, ()))
            if key not in doors:
                doors[key] = _Door(domain, tuple(map(IPv4Network, key[1])), [])
            doors[key].places.append(_Place(node, address, next(rank)))
    return list(doors.values())


def _remotes(system: SystemPlan) -> Mapping[str, tuple[str, ...]]:
    """Return from where SSH is open to each role of a system."""
    return {
        group.role: tuple(
            rule.remote
            for rule in group.rules
            if rule.port.protocol is Protocol.TCP and rule.port.first <= SSH <= rule.port.last
        )
        for group in system.groups
    }


def _addresses(node: NodePlan, domains: Mapping[str, str]) -> tuple[tuple[str, IPv4Address], ...]:
    """Return a node's addresses with the routing domains that they are in, its first one first."""
    return (
        (domains[node.zone], node.address),
        *((domains[link.zone], link.address) for link in node.links),
    )


def _leads(addresses: tuple[tuple[str, IPv4Address], ...], door: _Door) -> bool:
    """Tell whether one can go on from a node with these addresses through a door."""
    return any(domain == door.domain and door.admits(own) for domain, own in addresses)
