"""Rules of paths: no circles, nothing through a wall, nothing from outside without a request."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from govstack.errors import Problem
from govstack.site.convert import parse_use
from govstack.site.ends import OutsideEnd, SystemEnd, parse_end
from govstack.site.model import Site
from govstack.site.reach import Reach, obstacle, reaches_of
from govstack.site.sources import Sources

THROUGH = "go through a system in a zone between"


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


def check_reaches(sources: Sources, site: Site) -> Iterator[Problem]:
    """Yield a problem for each declared path that must not or cannot be."""
    seen: set[tuple[str, tuple[str | int, ...]]] = set()
    for reach in reaches_of(site):
        if (reach.origin, reach.place) in seen:
            continue
        text = obstacle(site, reach)
        if text:
            seen.add((reach.origin, reach.place))
            yield _at(sources, reach, text)


def check_tickets(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each path from outside that names no request."""
    site = sources.site.declared
    if not site.policy.outside_needs_ticket:
        return
    for index, flow in enumerate(site.flows):
        if isinstance(parse_end(flow.source), OutsideEnd) and not flow.ticket:
            yield sources.site.problem(
                "comes from outside and names no request that it was approved by",
                "add its number, such as ticket: YZ-2026-0012; policy.outside_needs_ticket says so",
                "flows",
                index,
            )


def check_balancers(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for balancers that are no role, or that take the same port for two services.

    Services on port 443 may share a balancer, since the name in the TLS handshake tells them apart.
    """
    part, text = sources.site, sources.site.declared.balancers
    if not text:
        return
    systems = {item.declared.id: item.declared for item in sources.systems}
    try:
        end = parse_end(text)
    except ValueError:
        end = None
    known = isinstance(end, SystemEnd) and end.role in getattr(systems.get(end.system), "nodes", {})
    if not known:
        yield part.problem(
            f"{text!r} is no role of a system", "write it like sup-lbs/balancer", "balancers"
        )
        return
    taken: dict[str, str] = {}
    for item in sources.systems:
        for name, service in item.declared.offers.items():
            if not service.balanced or service.port == "tcp/443":
                continue
            if service.port in taken:
                yield item.problem(
                    f"{service.port} of the balancers is taken by {taken[service.port]}",
                    "let it listen on another port; only tcp/443 can be shared, by TLS names",
                    *("offers", name, "port"),
                )
            taken.setdefault(service.port, f"{item.declared.id}.{name}")


def _at(sources: Sources, reach: Reach, text: str) -> Problem:
    if reach.origin:
        part = next(item for item in sources.systems if item.declared.id == reach.origin)
        return part.problem(text, THROUGH, *reach.place)
    return sources.site.problem(text, THROUGH, *reach.place)
