"""The address book, addresses.yaml: a flat map from addresses to who holds them."""

import shutil
from collections.abc import Iterator
from ipaddress import IPv4Network
from pathlib import Path

from govstack.errors import Problem
from govstack.site.book import TRANSIT, Place, parse_place
from govstack.site.document import Map
from govstack.site.sources import Sources

HEADER = """\
# Address book: who holds which address. Written by `govstack allocate`; committed with the site.
# An address stays with its holder; remove a line to set its address free.
"""


def check_addresses(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each row that is malformed, misplaced or given twice."""
    domains = _domains(sources)
    holders: dict[str, str] = {}
    for key, holder in sources.addresses.items():
        where = sources.addresses.places[key]
        try:
            place = parse_place(key)
        except ValueError:
            yield where.problem("is not an address", "write it like core/10.50.1.10: NODE")
            continue
        if not isinstance(holder, str):
            yield where.problem("has no holder", "write the name of a node after the colon")
            continue
        yield from _misplaced(sources.addresses, key, place, domains)
        if holder in holders:
            yield where.problem(
                f"{holder} holds {holders[holder]} already", "keep one of the two lines"
            )
        holders.setdefault(holder, key)


def _domains(sources: Sources) -> dict[str, list[IPv4Network]]:
    site = sources.site.declared
    domains = {TRANSIT: [site.transit]}
    for zone in site.zones.values():
        domains.setdefault(zone.routing_domain, []).append(zone.supernet)
    return domains


def _misplaced(
    book: Map, key: str, place: Place, domains: dict[str, list[IPv4Network]]
) -> Iterator[Problem]:
    where = book.places[key]
    if place.routing_domain not in domains:
        known = ", ".join(sorted(domains))
        yield where.problem(
            f"there is no routing domain {place.routing_domain!r}", f"there are: {known}"
        )
    elif not any(place.network.subnet_of(network) for network in domains[place.routing_domain]):
        known = ", ".join(str(network) for network in domains[place.routing_domain])
        yield where.problem(
            f"lies in no zone of the routing domain {place.routing_domain!r}",
            f"its zones have: {known}",
        )


def render_addresses(rows: dict[Place, str]) -> str:
    """Return the text of the address book; rows in the order of their addresses."""
    lines = [f"{place}: {holder}\n" for place, holder in sorted(rows.items())]
    return HEADER + "".join(lines)


def write_addresses(path: Path, text: str) -> None:
    """Put the text in place of the address book at once, keeping its mode."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text, encoding="utf-8")
    if path.exists():
        shutil.copymode(path, temporary)
    temporary.rename(path)
