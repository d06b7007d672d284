"""The address book's rows: ``routing-domain/address`` (or prefix), and a holder."""

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

TRANSIT: Final = "transit"
"""The routing domain of the network between the zones' routers; no zone may use the name."""

HOST_PREFIX: Final = 32


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """What a row's key means; an address is a network of one."""

    routing_domain: str
    network: IPv4Network

    def __str__(self) -> str:
        text = str(self.network if self.is_subnet else self.network.network_address)
        return f"{self.routing_domain}/{text}"

    @property
    def is_subnet(self) -> bool:
        """Tell whether the row gives a whole subnet."""
        return self.network.prefixlen < HOST_PREFIX


def parse_place(key: str) -> Place:
    """Read the key of a row.

    Raises:
        ValueError: it is not ``routing-domain/address`` or ``routing-domain/prefix``.
    """
    routing_domain, _, text = key.partition("/")
    return Place(routing_domain, IPv4Network(text))


FIRST_NODE: Final = 10
"""Nodes begin at this place of a subnet; what lies below is for gateways and services."""

SMALLEST: Final = 26
LARGEST: Final = 20
"""The prefixes of the smallest and of the largest subnet that a system gets in a zone."""


def room_of(network: IPv4Network) -> int:
    """Return how many nodes a subnet has room for."""
    return network.num_addresses - FIRST_NODE - 1


def prefix_for(nodes: int) -> int | None:
    """Return the prefix of the smallest subnet for so many nodes, None if there is none."""
    fitting = (
        prefix
        for prefix in range(SMALLEST, LARGEST - 1, -1)
        if room_of(IPv4Network((0, prefix))) >= nodes
    )
    return next(fitting, None)
