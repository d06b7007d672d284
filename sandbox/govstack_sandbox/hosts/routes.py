"""Routes of the cloud's namespace: a table for each network, with what it reaches; pure.

A table for each network lets networks that never meet have the same addresses.
"""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from govstack_sandbox.hosts.names import OPERATOR, tap
from govstack_sandbox.hosts.neutron import Cloud
from govstack_sandbox.hosts.reach import gateways, reachable

MAIN: Final = 254
FIRST_TABLE: Final = 1000
TABLES: Final = 2**30
PRIORITY: Final = 1000
NO_CLAIMS: Final[Mapping[tuple[str, str], str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Routing:
    """What is to be there.

    Attributes:
        routes: table, address and device of each server's address.
        rules: device and table: what comes from there is routed by that.
        local: the addresses of routers, which the namespace itself has.
        outside: the ranges of external networks.
    """

    routes: frozenset[tuple[int, str, str]] = frozenset()
    rules: frozenset[tuple[str, int]] = frozenset()
    local: frozenset[str] = frozenset()
    outside: frozenset[str] = frozenset()


def routing(
    cloud: Cloud, devices: Iterable[str], claims: Mapping[tuple[str, str], str] = NO_CLAIMS
) -> Routing:
    """Return what is to be there while these devices are.

    Args:
        cloud: what neutron has decided.
        devices: those that there are.
        claims: the port that has a virtual address, by network and address.
    """
    present = set(devices)
    reach, outward = reachable(cloud), gateways(cloud)
    ports = [
        port for port in cloud.ports if tap(port.id) in present and port.network in cloud.subnets
    ]
    claimed: dict[str, list[str]] = {}
    for (_, address), holder in claims.items():
        claimed.setdefault(holder, []).append(address)
    # Of two that claim one address in one place, the first has it.
    routes: dict[tuple[int, str], str] = {}
    for port in ports:
        tables = [table_of(network) for network in sorted(reach[port.network])]
        # What leads outside is also reached by floating addresses, which belong to no network.
        tables += [MAIN] if port.network in outward else []
        for table in tables:
            for address in (*port.addresses, *claimed.get(port.id, ())):
                routes.setdefault((table, address), tap(port.id))
    return Routing(
        routes=frozenset((table, address, dev) for (table, address), dev in routes.items()),
        rules=frozenset((tap(port.id), table_of(port.network)) for port in ports),
        local=frozenset(
            {OPERATOR}
            | {address for router in cloud.routers for _, address in router.interfaces}
            | {router.gateway for router in cloud.routers if router.gateway}
        ),
        outside=frozenset(cloud.outside),
    )


def table_of(network: str) -> int:
    """Return the number of a network's table, the same at any time."""
    return FIRST_TABLE + zlib.crc32(network.encode()) % TABLES
