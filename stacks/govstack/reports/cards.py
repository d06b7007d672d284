"""Cards: what a drawing says of one system, or of one network outside."""

from collections.abc import Iterator
from typing import Final

from govstack.plan.views.graph import OutsiderView, SystemView
from govstack.reports.elements import box, element, hint, text
from govstack.reports.layout import Box
from govstack.reports.measure import as_many, fitting_size, shortened, width_of
from govstack.reports.words import (
    counted,
    level_text,
    mechanisms_text,
    numbers,
    opening_text,
    outsider_name,
)
from govstack.site.kinds import Mechanism

PADDING: Final = 14.0
BADGE_WIDTH: Final = 34.0
NAME_SIZES: Final = (14.5, 13.5, 12.5, 11.5)
SMALL: Final = 11.0
TINY: Final = 10.5
ROUND: Final = 6.0
PILL_LEAST: Final = 40.0
ARROW: Final = 14.0
STORE_ONLY: Final = "由云平台提供，无节点"
LINES: Final = (23.0, 41.0, 59.5, 78.0)
"""The base lines of a card's text, from its upper edge."""


def system_card(system: SystemView, place: Box, hue: str, mark: str) -> str:
    """Return the card of a system; `mark` is its id within the drawing."""
    room = place.width - 2 * PADDING
    name_room = room - BADGE_WIDTH - 4
    size = fitting_size(system.name, NAME_SIZES, name_room)
    left = place.x + PADDING
    return element(
        "g",
        hint(_facts(system)),
        box(*_rect(place), round_=ROUND, classes="face"),
        _bar(place),
        text(
            shortened(system.name, size, name_room), left, place.y + LINES[0], size, classes="bold"
        ),
        *_badge(system.mlps, place),
        *_whose(system, left, place.y + LINES[1], room),
        *_size(system, left, place.y + LINES[2], room),
        *_relations(system, left, place.y + LINES[3], room),
        class_=f"card {hue}",
        id=mark,
    )


def outsider_card(
    outsider: OutsiderView,
    ports: tuple[str, ...],
    mechanisms: tuple[Mechanism, ...],
    place: Box,
    mark: str,
) -> str:
    """Return the card of who comes from outside."""
    name = outsider_name(outsider.id)
    room = place.width - 2 * PADDING
    left = place.x + PADDING
    size = fitting_size(name, NAME_SIZES, room)
    through = mechanisms_text(mechanisms)
    purpose = "；".join(outsider.purposes)
    opened = as_many(numbers(ports), TINY, room)
    return element(
        "g",
        hint((name, *outsider.purposes, " ".join(ports), through)),
        box(*_rect(place), round_=ROUND, classes="face dashed"),
        text(shortened(name, size, room), left, place.y + LINES[0], size, classes="bold"),
        *_wrapped(purpose, left, place.y + LINES[1], room),
        text(opened, left, place.y + LINES[3], TINY, classes="mono alarm"),
        text(through, place.right - PADDING, place.y + LINES[3], TINY, classes="quiet end"),
        class_="card plain",
        id=mark,
    )


def _rect(place: Box) -> tuple[float, float, float, float]:
    return place.x, place.y, place.width, place.height


def _bar(place: Box) -> str:
    return box(place.x, place.y + ROUND, 4, place.height - 2 * ROUND, round_=2, classes="bar")


def _badge(mlps: int, place: Box) -> Iterator[str]:
    x, y = place.right - PADDING - BADGE_WIDTH + 4, place.y + 9
    yield box(x, y, BADGE_WIDTH, 18, round_=9, classes=f"level{mlps}")
    yield text(
        level_text(mlps), x + BADGE_WIDTH / 2, y + 13, SMALL, classes=f"middle bold on{mlps}"
    )


def _whose(system: SystemView, left: float, y: float, room: float) -> Iterator[str]:
    width = width_of(system.id, SMALL, monospace=True)
    yield text(system.id, left, y, SMALL, classes="mono quiet")
    rest = room - width - 8
    owner = shortened(system.tenant, SMALL, rest)
    yield text(owner, left + room, y, SMALL, classes="quiet end")


def _size(system: SystemView, left: float, y: float, room: float) -> Iterator[str]:
    count = counted(system) if system.nodes else STORE_ONLY
    if system.further_zones:
        count += f" 兼{'、'.join(system.further_zones)}"
    yield text(count, left, y, 12, classes="bold" if system.nodes else "quiet")
    if system.networks:
        more = f" +{len(system.networks) - 1}" if len(system.networks) > 1 else ""
        rest = room - width_of(count, 12) - 4
        # Half a network would be a wrong one.
        for cidr in (system.networks[0] + more, system.networks[0]):
            if width_of(cidr, TINY, monospace=True) <= rest:
                yield text(cidr, left + room, y, TINY, classes="mono quiet end")
                break


def _relations(system: SystemView, left: float, y: float, room: float) -> Iterator[str]:
    """Yield pills for what everybody reaches, then what it reaches and how many reach it."""
    reached = f"← {len(system.reached_by)}" if system.reached_by else ""
    if reached:
        yield text(reached, left + room, y, TINY, classes="mono quiet end")
        room -= width_of(reached, TINY, monospace=True) + 6
    for opening in system.openings:
        words = opening_text(opening)
        wanted = width_of(words, TINY) + 14
        width = min(wanted, room)
        if width < PILL_LEAST:
            return
        yield box(left, y - 12.5, width, 17, round_=8.5, classes="strong")
        yield text(
            shortened(words, TINY, width - 12), left + width / 2, y, TINY, classes="middle on"
        )
        left, room = left + width + 6, room - width - 6
    words = as_many(system.reaches, TINY, room - ARROW)
    if system.reaches and room > ARROW * 2:
        yield text(f"→ {words}", left, y, TINY, classes="mono quiet")


def _wrapped(words: str, left: float, y: float, room: float) -> Iterator[str]:
    """Yield a text in two lines, the second shortened."""
    first = words
    while width_of(first, SMALL) > room:
        first = first[:-1]
    yield text(first, left, y, SMALL, classes="quiet")
    if rest := words[len(first) :]:
        yield text(shortened(rest, SMALL, room), left, y + 16, SMALL, classes="quiet")


def _facts(system: SystemView) -> Iterator[str]:
    yield f"{system.name} {system.id}"
    yield f"{system.tenant} · 等保{level_text(system.mlps)} · {counted(system)}"
    yield " ".join((system.cell.zone, *system.further_zones, *system.networks))
    if system.reaches:
        yield f"访问 {' '.join(system.reaches)}"
    if system.reached_by:
        yield f"被访问 {' '.join(system.reached_by)}"
    for opening in system.openings:
        yield f"{opening_text(opening)} {opening.purpose}"
