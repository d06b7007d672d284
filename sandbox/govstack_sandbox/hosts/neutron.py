"""What neutron has decided, read from its tables in one consistent look.

Read rather than told: nothing that is committed can be missed, neutron needs no right and no hook,
and a restart of either side does no harm.  The price is that the layout of its tables is known
here; the lock file pins it, and a look at another layout fails loudly and changes nothing.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

SERVERS: Final = ("compute:", "baremetal:", "govstack:")
"""How the owners of ports begin that hosts have: those of servers and those of machines."""
GATEWAY: Final = "network:router_gateway"


@dataclass(frozen=True, slots=True)
class Port:
    """A server's port; `pairs` are further addresses that it may speak for."""

    id: str
    network: str
    mac: str
    addresses: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    up: bool = True
    secured: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a security group; what is empty or None is not asked for."""

    group: str
    direction: str
    ethertype: str = "IPv4"
    protocol: str = ""
    low: int | None = None
    high: int | None = None
    prefix: str = ""
    remote_group: str = ""
    address_group: str = ""


@dataclass(frozen=True, slots=True)
class Router:
    """A router that is up; `gateway` is its address outside, empty for none."""

    id: str
    interfaces: tuple[tuple[str, str], ...] = ()
    """Pairs of network and address."""
    gateway: str = ""
    snat: bool = True
    routes: tuple[tuple[str, str], ...] = ()
    """Pairs of destination and next hop."""

    @property
    def networks(self) -> frozenset[str]:
        """Return the networks that it joins."""
        return frozenset(network for network, _ in self.interfaces)


@dataclass(frozen=True, slots=True)
class Forward:
    """A port of a floating address that leads to a port inside."""

    outside: str
    protocol: str
    outer: int
    inside: str
    inner: int


@dataclass(frozen=True, slots=True)
class Cloud:
    """All that the data plane must know."""

    ports: tuple[Port, ...] = ()
    rules: tuple[Rule, ...] = ()
    routers: tuple[Router, ...] = ()
    floating: tuple[tuple[str, str], ...] = ()
    """Pairs of address outside and inside."""
    forwards: tuple[Forward, ...] = ()
    subnets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The ranges of each network."""
    outside: tuple[str, ...] = ()
    """The ranges of external networks."""
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The addresses of each security group, and of each address group."""
    stateless: frozenset[str] = frozenset()


def read_cloud(connection: sqlite3.Connection) -> Cloud:
    """Read everything as of one moment.

    Raises:
        sqlite3.Error: the tables are not what we know, or cannot be read.
    """
    connection.execute("BEGIN")
    try:
        return _read(connection)
    finally:
        connection.execute("COMMIT")


def _read(connection: sqlite3.Connection) -> Cloud:
    addresses = _lists(connection, "SELECT port_id, ip_address FROM ipallocations")
    pairs = _lists(connection, "SELECT port_id, ip_address FROM allowedaddresspairs")
    bound = "SELECT port_id, security_group_id FROM securitygroupportbindings"
    groups = _lists(connection, bound)
    external = {
        network for (network,) in connection.execute("SELECT network_id FROM externalnetworks")
    }
    ranges = _lists(connection, "SELECT network_id, cidr FROM subnets WHERE ip_version = 4")
    members: dict[str, set[str]] = {}
    for port, names in groups.items():
        for group in names:
            members.setdefault(group, set()).update(addresses.get(port, ()), pairs.get(port, ()))
    listed = "SELECT address_group_id, address FROM address_associations"
    for group, found in _lists(connection, listed).items():
        members[group] = set(found)
    return Cloud(
        ports=_ports(connection, addresses, pairs, groups),
        rules=_rules(connection),
        routers=_routers(connection, addresses),
        floating=tuple(
            connection.execute(
                "SELECT floating_ip_address, fixed_ip_address FROM floatingips"
                " WHERE fixed_port_id IS NOT NULL AND router_id IS NOT NULL ORDER BY 1"
            )
        ),
        forwards=_forwards(connection),
        subnets={network: found for network, found in ranges.items() if network not in external},
        outside=tuple(sorted(one for network in external for one in ranges.get(network, ()))),
        members={group: tuple(sorted(found)) for group, found in sorted(members.items())},
        stateless=frozenset(
            group
            for (group,) in connection.execute("SELECT id FROM securitygroups WHERE stateful = 0")
        ),
    )


def _ports(
    connection: sqlite3.Connection,
    addresses: Mapping[str, tuple[str, ...]],
    pairs: Mapping[str, tuple[str, ...]],
    groups: Mapping[str, tuple[str, ...]],
) -> tuple[Port, ...]:
    query = (
        "SELECT p.id, p.network_id, p.mac_address, p.device_owner, p.admin_state_up,"
        " coalesce(b.port_security_enabled, 1) FROM ports p"
        " LEFT JOIN portsecuritybindings b ON b.port_id = p.id ORDER BY p.id"
    )
    return tuple(
        Port(
            id=port,
            network=network,
            mac=mac,
            addresses=addresses.get(port, ()),
            pairs=pairs.get(port, ()),
            groups=groups.get(port, ()),
            up=bool(up),
            secured=bool(secured),
        )
        for port, network, mac, owner, up, secured in connection.execute(query)
        if owner.startswith(SERVERS)
    )


def _rules(connection: sqlite3.Connection) -> tuple[Rule, ...]:
    query = (
        "SELECT security_group_id, direction, ethertype, coalesce(protocol, ''), port_range_min,"
        " port_range_max, coalesce(remote_ip_prefix, ''), coalesce(remote_group_id, ''),"
        " coalesce(remote_address_group_id, '') FROM securitygrouprules ORDER BY id"
    )
    return tuple(Rule(*row) for row in connection.execute(query))


def _routers(
    connection: sqlite3.Connection, addresses: Mapping[str, tuple[str, ...]]
) -> tuple[Router, ...]:
    routes: dict[str, list[tuple[str, str]]] = {}
    way = "SELECT router_id, destination, nexthop FROM routerroutes ORDER BY 1, 2, 3"
    for router, destination, hop in connection.execute(way):
        routes.setdefault(router, []).append((destination, hop))
    interfaces: dict[str, list[tuple[str, str]]] = {}
    gateways: dict[str, str] = {}
    snat: dict[str, bool] = {}
    query = (
        "SELECT r.id, r.enable_snat, b.port_id, b.port_type, p.network_id FROM routers r"
        " JOIN routerports b ON b.router_id = r.id JOIN ports p ON p.id = b.port_id"
        " WHERE r.admin_state_up ORDER BY r.id, b.port_id"
    )
    for router, masks, port, kind, network in connection.execute(query):
        own = addresses.get(port, ())
        snat[router] = bool(masks)
        if kind == GATEWAY:
            gateways[router] = own[0] if own else ""
        else:
            interfaces.setdefault(router, []).extend((network, address) for address in own)
    return tuple(
        Router(
            id=router,
            interfaces=tuple(interfaces.get(router, ())),
            gateway=gateways.get(router, ""),
            snat=snat[router],
            routes=tuple(routes.get(router, ())),
        )
        for router in sorted(snat)
    )


def _forwards(connection: sqlite3.Connection) -> tuple[Forward, ...]:
    query = (
        "SELECT f.floating_ip_address, w.protocol, w.external_port_start, w.internal_ip_address,"
        " w.internal_port_start FROM portforwardings w JOIN floatingips f ON f.id = w.floatingip_id"
        " WHERE w.external_port_start = w.external_port_end ORDER BY 1, 2, 3"
    )
    return tuple(Forward(*row) for row in connection.execute(query))


def _lists(connection: sqlite3.Connection, query: str) -> dict[str, tuple[str, ...]]:
    """Return the second column by the first, without addresses of the sixth version."""
    found: dict[str, list[str]] = {}
    rows: list[tuple[Any, str]] = connection.execute(f"{query} ORDER BY 1, 2").fetchall()
    for key, value in rows:
        if key and ":" not in value:
            found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}
