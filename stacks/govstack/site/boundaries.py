"""Rules between things that exist: levels, address spaces, names, cycles, who may reach whom."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import combinations
from typing import Final

from govstack.errors import Problem
from govstack.site.book import TRANSIT
from govstack.site.convert import parse_use
from govstack.site.declared import SystemDeclared
from govstack.site.model import Exposure, Site
from govstack.site.naming import MAX_NAME, node_name, node_stem
from govstack.site.reach import Reach, obstacle, reaches_of
from govstack.site.sources import Part, Sources

SMALLEST: Final = 26
"""The prefix of the smallest network that a system gets; a supernet must hold at least one."""

HIGHEST: Final = 999


def check_environment(sources: Sources) -> Iterator[Problem]:
    """Yield a problem if profile and cloud entry do not go together."""
    part, declared = sources.environment, sources.environment.declared
    if declared.profile == "sandbox" and declared.cloud:
        yield part.problem(
            "the embedded cloud has no entry in clouds.yaml",
            "remove the line, or write profile: openstack",
            "cloud",
        )
    if declared.profile != "sandbox" and not declared.cloud:
        yield part.problem(
            "'cloud' is missing", "name the entry of clouds.yaml to use, such as cloud: yunzhou"
        )


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


def check_cycles(sources: Sources) -> Iterator[Problem]:
    """Yield a problem if systems use each other in a circle."""
    parts = {part.declared.id: part for part in sources.systems}
    uses = {
        name: {parse_use(use).system: index for index, use in enumerate(part.declared.uses)}
        for name, part in parts.items()
    }
    try:
        TopologicalSorter({name: set(used) for name, used in uses.items()}).prepare()
    except CycleError as error:
        # The sorter lists each system before the one that uses it.
        circle = list(reversed(error.args[1]))
        first, second = circle[0], circle[1]
        yield parts[first].problem(
            f"systems use each other in a circle: {' > '.join(circle)}",
            "remove one of these uses; a path back can be a flow in site.yaml",
            "uses",
            uses[first][second],
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


def check_levels(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each system whose level is above that of its zone or the platform."""
    site = sources.site.declared
    for name, zone in site.zones.items():
        if zone.mlps > site.mlps:
            yield sources.site.problem(
                f"level {zone.mlps} is above the platform's, {site.mlps}",
                "a zone cannot be of a higher level than the platform that carries it",
                "zones",
                name,
                "mlps",
            )
    for part in sources.systems:
        for group in part.declared.nodes.values():
            level = site.zones[group.zone].mlps
            if part.declared.mlps > level:
                yield part.problem(
                    f"level {part.declared.mlps} is above that of the zone {group.zone}, {level}",
                    "move the system to a zone of its level, or raise the zone",
                    "mlps",
                )
                break


def check_floating_ips(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each floating IP in a zone that faces nobody outside."""
    for part in sources.systems:
        yield from _floating_ips(sources, part)


def _floating_ips(sources: Sources, part: Part[SystemDeclared]) -> Iterator[Problem]:
    zones = sources.site.declared.zones
    for role, group in part.declared.nodes.items():
        if group.floating_ip and zones[group.zone].exposure is Exposure.INTERNAL:
            yield part.problem(
                f"the zone {group.zone} faces nobody outside, so it has no floating IPs",
                "remove the line, or move the group to a zone that does",
                "nodes",
                role,
                "floating_ip",
            )


def check_reaches(sources: Sources, site: Site) -> Iterator[Problem]:
    """Yield a problem for each declared path that must not or cannot be."""
    seen: set[tuple[str, int]] = set()
    for reach in reaches_of(site):
        text = obstacle(site, reach)
        if text and (reach.origin, reach.index) not in seen:
            seen.add((reach.origin, reach.index))
            yield _reach_problem(sources, reach, text)


def _reach_problem(sources: Sources, reach: Reach, text: str) -> Problem:
    if reach.origin:
        part = next(item for item in sources.systems if item.declared.id == reach.origin)
        return part.problem(text, "go through a system in a zone between", "uses", reach.index)
    return sources.site.problem(text, "go through a system in a zone between", "flows", reach.index)
