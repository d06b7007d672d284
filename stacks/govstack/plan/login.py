"""How an operator comes to each node: from outside to a bastion, and on from node to node; pure.

The ways follow from the same rules that the security groups are made of, so a node that no flow
lets operators come to has none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_network

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
    """A node's address in a routing domain, and where SSH is open to it from."""

    node: NodePlan
    domain: str
    address: IPv4Address
    remotes: tuple[str, ...]

    def admits(self, address: IPv4Address) -> bool:
        """Tell whether SSH is open from this address."""
        return any(address in ip_network(remote) for remote in self.remotes)


def ways_in(site: Site, plan: Plan, operator: IPv4Address) -> Mapping[str, Way]:
    """Return the shortest way to each node that an operator can come to.

    Args:
        site: the site, which knows where addresses are unique.
        plan: its plan.
        operator: the address that an operator comes from.
    """
    domains = {zone.id: zone.routing_domain for zone in site.zones}
    places = sorted(
        (place for system in plan.systems for place in _places(system, domains)),
        key=lambda place: place.node.name,
    )
    ways = {
        place.node.name: Way(place.node.name, place.address)
        for place in places
        if place.node.floating_ip and place.address == place.node.address and place.admits(operator)
    }
    reached = list(ways)
    while reached:
        via = reached.pop(0)
        for place in _next(places, via):
            if place.node.name not in ways:
                ways[place.node.name] = Way(place.node.name, place.address, via)
                reached.append(place.node.name)
    return ways


def _places(system: SystemPlan, domains: Mapping[str, str]) -> Iterator[_Place]:
    open_from = {
        group.role: tuple(
            rule.remote
            for rule in group.rules
            if rule.port.protocol is Protocol.TCP and rule.port.first <= SSH <= rule.port.last
        )
        for group in system.groups
    }
    for node in system.nodes:
        for zone, address in (
            (node.zone, node.address),
            *((link.zone, link.address) for link in node.links),
        ):
            yield _Place(node, domains[zone], address, open_from.get(node.role, ()))


def _next(places: list[_Place], via: str) -> Iterator[_Place]:
    """Yield where one can go on to from a node; a node's first address comes first."""
    own = [place for place in places if place.node.name == via]
    for place in places:
        if any(one.domain == place.domain and place.admits(one.address) for one in own):
            yield place
