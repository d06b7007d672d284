"""Which node can open a connection to which, on which port: what the plan's rules come to; pure.

Made from the same rules and routes that the cloud is given, node by node, so that it can be tried
from inside the hosts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from govstack.plan.model import NetworkPlan, NodePlan, Plan, RulePlan, SystemPlan
from govstack.site.kinds import Protocol
from govstack.site.model import Site

MANY: Final = 64
"""With more nodes than this, the first of each role speaks for all: its rules are theirs."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Path:
    """A connection from a node to a port of another one.

    Attributes:
        source: the node that opens it.
        target: the node that it is to.
        address: the target's.
        port: of TCP.
        is_open: whether the site has it so; all that is not declared is closed.
        purpose: why it is open.
    """

    source: str
    target: str
    address: IPv4Address
    port: int
    is_open: bool
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class _Door:
    """A port of a node in a zone; `networks` are come to by it, all else if it is the `first`."""

    zone: str
    address: IPv4Address
    networks: tuple[IPv4Network, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """A node with its ports, the first one first, and the rules that hold there.

    Attributes:
        rules: for networks of the site.
        public: for networks outside, which those of the site may happen to be part of.
    """

    node: NodePlan
    doors: tuple[_Door, ...]
    rules: tuple[RulePlan, ...]
    public: tuple[RulePlan, ...]


def paths(site: Site, plan: Plan) -> Iterator[Path]:
    """Yield every path between nodes on every port that the site speaks of.

    What goes through networks and routers that were there before is not foretold.  Nor is whether
    a node comes to what is open to networks outside: the cloud would let it, its own firewall not.
    """
    places = tuple(_places(site, plan))
    domains = {zone.id: zone.routing_domain for zone in site.zones}
    routed = _routed(site, plan)
    ports = _ports(places)
    for source in places:
        for target in places:
            for door in target.doors if source != target else ():
                own = _door_to(source, door.address)
                if domains[own.zone] == domains[door.zone]:
                    meets = own.zone == door.zone or door.zone in routed[own.zone]
                    yield from _tried(source, target, (own, door), ports, meets=meets)


def _tried(
    source: _Place, target: _Place, doors: tuple[_Door, _Door], ports: Iterable[int], *, meets: bool
) -> Iterator[Path]:
    own, other = doors
    for port in ports:
        rule = next((one for one in target.rules if _admits(one, own.address, port)), None)
        if rule is None and any(_admits(one, own.address, port) for one in target.public):
            continue
        is_open = meets and rule is not None
        yield Path(
            source=source.node.name,
            target=target.node.name,
            address=other.address,
            port=port,
            is_open=is_open,
            purpose=rule.purpose if is_open and rule else "",
        )


def _places(site: Site, plan: Plan) -> Iterator[_Place]:
    foreign = {zone.id for zone in site.zones if zone.router}
    supernets = [zone.supernet for zone in site.zones]
    for system in plan.systems:
        groups = {group.role: _sorted(group.rules, supernets) for group in system.groups}
        networks = {network.zone: network for network in system.networks}
        for node in _speaking(plan, system):
            zones = {node.zone, *(link.zone for link in node.links)}
            if not any(zone in foreign or networks[zone].adopted for zone in zones):
                yield _Place(node, _doors(node, networks), *groups.get(node.role, ((), ())))


def _sorted(
    rules: Iterable[RulePlan], supernets: Iterable[IPv4Network]
) -> tuple[tuple[RulePlan, ...], tuple[RulePlan, ...]]:
    """Return the rules for networks of the site, and those for networks outside."""
    inner = {rule for rule in rules for one in supernets if IPv4Network(rule.remote).subnet_of(one)}
    return (
        tuple(rule for rule in rules if rule in inner),
        tuple(rule for rule in rules if rule not in inner),
    )


def _speaking(plan: Plan, system: SystemPlan) -> tuple[NodePlan, ...]:
    if sum(len(each.nodes) for each in plan.systems) <= MANY:
        return system.nodes
    return tuple({node.role: node for node in reversed(system.nodes)}.values())


def _doors(node: NodePlan, networks: Mapping[str, NetworkPlan]) -> tuple[_Door, ...]:
    found = [(node.zone, node.address), *((link.zone, link.address) for link in node.links)]
    return tuple(
        _Door(zone, address, (networks[zone].cidr, *networks[zone].routes))
        for zone, address in found
    )


def _door_to(source: _Place, address: IPv4Address) -> _Door:
    """Return the port that a node goes out by: the longest prefix decides, as in every kernel."""
    matching = [
        (network.prefixlen, door)
        for door in source.doors
        for network in door.networks
        if address in network
    ]
    return max(matching, key=lambda pair: pair[0], default=(0, source.doors[0]))[1]


def _routed(site: Site, plan: Plan) -> Mapping[str, frozenset[str]]:
    """Return the zones that each zone's router knows a way to."""
    zones = {zone.supernet: zone.id for zone in reversed(site.zones)}
    return {
        router.zone: frozenset(zones[route.destination] for route in router.routes)
        for router in plan.platform.routers
    }


def _ports(places: Iterable[_Place]) -> tuple[int, ...]:
    return tuple(
        sorted(
            {
                rule.port.first
                for place in places
                for rule in place.rules
                if rule.port.protocol is Protocol.TCP
            }
        )
    )


def _admits(rule: RulePlan, address: IPv4Address, port: int) -> bool:
    return (
        rule.port.protocol is Protocol.TCP
        and rule.port.first <= port <= rule.port.last
        and address in IPv4Network(rule.remote)
    )
