"""Address pools: what a routing domain has given away, and what is free in it."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from govstack.errors import CapacityExceeded
from govstack.site.book import FIRST_NODE, HOST_PREFIX, LARGEST, Place, prefix_for, room_of


class Pools:
    """The address book as it grows; what is added is provisional until it is written down."""

    def __init__(self, rows: dict[Place, str]) -> None:
        self._places = {holder: place for place, holder in rows.items()}
        self._addresses = {place for place in rows if not place.is_subnet}
        self._subnets = [place for place in rows if place.is_subnet]
        self.added: dict[Place, str] = {}

    def subnet(
        self, holder: str, domain: str, supernet: IPv4Network, nodes: int
    ) -> tuple[IPv4Network, bool]:
        """Return the holder's subnet, and whether it is provisional.

        Raises:
            CapacityExceeded: the supernet is full, or the subnet too small for so many nodes.
        """
        kept = self._places.get(holder)
        if kept:
            if room_of(kept.network) < nodes:
                raise CapacityExceeded(
                    f"the subnet {kept} of {holder} has room for {room_of(kept.network)} nodes, "
                    f"not for {nodes}",
                    hint="put the further nodes into another system, or free the subnet's lines in "
                    "addresses.yaml and rebuild the system",
                )
            return kept.network, kept in self.added
        prefix = _prefix_for(holder, nodes)
        taken = [place.network for place in self._subnets if place.routing_domain == domain]
        for network in supernet.subnets(new_prefix=max(prefix, supernet.prefixlen)):
            if not any(network.overlaps(other) for other in taken):
                self._add(Place(domain, network), holder)
                return network, True
        raise CapacityExceeded(
            f"{supernet} has no free /{prefix} left for {holder}",
            hint="give the zone a larger supernet in site.yaml, or free lines of addresses.yaml",
        )

    def address(
        self, holder: str, domain: str, network: IPv4Network, first: int = FIRST_NODE
    ) -> tuple[IPv4Address, bool]:
        """Return the holder's address in this network, and whether it is provisional.

        An address that is kept for the holder but lies in another network is not taken.

        Raises:
            CapacityExceeded: no address is free.
        """
        kept = self._places.get(holder)
        if kept and not kept.is_subnet and kept.network.subnet_of(network):
            return kept.network.network_address, kept in self.added
        for address in _usable(network, first):
            place = Place(domain, IPv4Network((int(address), HOST_PREFIX)))
            if place not in self._addresses:
                self._add(place, holder)
                return address, True
        raise CapacityExceeded(
            f"{network} has no free address left for {holder}",
            hint="free lines of addresses.yaml that nothing needs any more",
        )

    def _add(self, place: Place, holder: str) -> None:
        self.added[place] = holder
        self._places[holder] = place
        if place.is_subnet:
            self._subnets.append(place)
        else:
            self._addresses.add(place)


def _usable(network: IPv4Network, first: int) -> Iterator[IPv4Address]:
    start = int(network.network_address)
    for offset in range(first, network.num_addresses - 1):
        yield IPv4Address(start + offset)


def _prefix_for(holder: str, nodes: int) -> int:
    prefix = prefix_for(nodes)
    if prefix is None:
        raise CapacityExceeded(
            f"{holder} has {nodes} nodes in one zone; a subnet holds at most "
            f"{room_of(IPv4Network((0, LARGEST)))}",
            hint="divide them into several systems",
        )
    return prefix
