"""Rules of networks: address spaces, names, ports in several zones, addresses outside."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations
from typing import Final

from govstack.errors import Problem
from govstack.site.book import LARGEST, SMALLEST, TRANSIT, prefix_for, room_of
from govstack.site.declared.system import SystemDeclared
from govstack.site.kinds import OUTWARD, Exposure
from govstack.site.model import Site
from govstack.site.naming import MAX_NAME, node_name, node_stem
from govstack.site.sources import Part, Sources

HIGHEST: Final = 999
MOST: Final = room_of(IPv4Network((0, LARGEST)))


def check_networks(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each address space that is too small or overlaps another."""
    site = sources.site.declared
    for name, zone in site.zones.items():
        here = ("zones", name, "supernet")
        if zone.supernet.prefixlen > SMALLEST:
            yield sources.site.problem(
                f"{zone.supernet} is too small for a zone",
                f"make it a /{SMALLEST} or larger",
                *here,
            )
        if zone.routing_domain == TRANSIT:
            yield sources.site.problem(
                f"the routing domain {TRANSIT!r} is that of the network between zones",
                "choose another name",
                *here[:-1],
                "routing_domain",
            )
        if zone.supernet.overlaps(site.transit):
            yield sources.site.problem(
                f"{zone.supernet} overlaps the transit network {site.transit}",
                "choose another network for one of them",
                *here,
            )
    for (name, zone), (other, second) in combinations(site.zones.items(), 2):
        same = zone.routing_domain == second.routing_domain
        if same and zone.supernet.overlaps(second.supernet):
            yield sources.site.problem(
                f"{second.supernet} overlaps {zone.supernet} of the zone {name}",
                "choose another network, or another routing_domain",
                "zones",
                other,
                "supernet",
            )


def check_names(sources: Sources, site: Site) -> Iterator[Problem]:
    """Yield a problem for each group of nodes whose names are too long or taken."""
    parts = {part.declared.id: part for part in sources.systems}
    taken: dict[str, str] = {}
    for system in site.systems:
        for group in system.nodes:
            stem = node_stem(site.code, system, group.role, group.zone)
            longest = node_name(stem, HIGHEST)
            here = ("nodes", group.role)
            if len(longest) > MAX_NAME:
                yield parts[system.id].problem(
                    f"its nodes' names have {len(longest)} characters, at most {MAX_NAME} are "
                    f"allowed: {longest}",
                    "shorten the role, or the ids of system or tenant",
                    *here,
                )
            if stem in taken:
                yield parts[system.id].problem(
                    f"its nodes would have the same names as those of {taken[stem]}: {stem}-001",
                    "choose another role or system id",
                    *here,
                )
            taken.setdefault(stem, system.id)


def check_floating_ips(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each floating IP in a zone that faces nobody outside."""
    for part in sources.systems:
        yield from _floating_ips(sources, part)


def _floating_ips(sources: Sources, part: Part[SystemDeclared]) -> Iterator[Problem]:
    zones = sources.site.declared.zones
    for role, group in part.declared.nodes.items():
        if group.floating_ip and zones[group.zone].exposure not in OUTWARD:
            yield part.problem(
                f"the zone {group.zone} faces nobody outside, so it has no floating IPs",
                "remove the line, or move the group to a zone that does",
                "nodes",
                role,
                "floating_ip",
            )


def check_room(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each zone that is too small for the subnets of all its systems."""
    site = sources.site.declared
    for name, zone in site.zones.items():
        needed = 0
        for part in sources.systems:
            nodes = _nodes_in(part.declared, name)
            prefix = prefix_for(nodes)
            if prefix is None:
                yield part.problem(
                    f"has {nodes} nodes in the zone {name}; a subnet holds at most {MOST}",
                    "divide them into several systems",
                    "nodes",
                )
            elif nodes:
                needed += IPv4Network((0, prefix)).num_addresses
        if needed > zone.supernet.num_addresses:
            yield sources.site.problem(
                f"its systems need subnets of {needed} addresses together, and {zone.supernet} "
                f"has {zone.supernet.num_addresses}",
                "give the zone a larger supernet, or move systems to another zone",
                *("zones", name, "supernet"),
            )


def _nodes_in(system: SystemDeclared, zone: str) -> int:
    """Return how many addresses the system needs in a zone, those of balancers included."""
    count = sum(
        group.count for group in system.nodes.values() if zone in (group.zone, *group.links)
    )
    roles = {role for role, group in system.nodes.items() if group.zone == zone}
    return count + sum(
        service.balanced and service.role in roles for service in system.offers.values()
    )


def check_links(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each further port that would join what is kept apart.

    Only nodes of an exchange zone may stand in two zones, and the other must be private.
    """
    zones = sources.site.declared.zones
    for part in sources.systems:
        for role, group in part.declared.nodes.items():
            for index, link in enumerate(group.links):
                here = ("nodes", role, "links", index)
                if zones[group.zone].exposure is not Exposure.EXCHANGE:
                    yield part.problem(
                        f"{group.zone} is no exchange zone, so its nodes stand in no other",
                        "move the group to a zone with exposure: exchange",
                        *here,
                    )
                elif zones[link].exposure is not Exposure.PRIVATE:
                    yield part.problem(
                        f"{link} is no private zone: it is reached by routes, not by a port",
                        "remove the link and declare a flow",
                        *here,
                    )


def check_adopted_networks(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each adopted network in a zone where the system has no nodes."""
    for part in sources.systems:
        groups = part.declared.nodes.values()
        used = {zone for group in groups for zone in (group.zone, *group.links)}
        for zone in part.declared.networks:
            if zone not in used:
                yield part.problem(
                    f"none of its nodes is in the zone {zone}",
                    f"remove it, or move nodes there; it has nodes in: {', '.join(sorted(used))}",
                    *("networks", zone),
                )
