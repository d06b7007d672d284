"""Trunks as they are drawn: a line with round corners, an arrow's tip, a label."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from govstack.plan.views.graph import Bundle
from govstack.reports.elements import box, element, hint, plain, text
from govstack.reports.layout import Box
from govstack.reports.measure import as_many, width_of
from govstack.reports.sheet import Trunk
from govstack.reports.trunks import Point
from govstack.reports.words import STORE, mechanisms_text, numbers, ports_text, zone_name

LABEL_SIZE: Final = 10.5
LABEL_HEIGHT: Final = 17.0
LABEL_PADDING: Final = 7.0
PORTS_ROOM: Final = 130.0
CORNER: Final = 8.0
TIP: Final = 9.0
THINNEST: Final = 1.6
THICKEST: Final = 4.6
CASING: Final = 4.0


def label_width(bundle: Bundle) -> float:
    """Return how wide the label of a trunk along a gutter is."""
    return _width(_label(bundle))


def trunk_line(trunk: Trunk, *, alarming: bool) -> Iterator[str]:
    """Yield the line of a trunk, on a ground of its own so that it passes over others."""
    classes = _classes(trunk.bundle, alarming=alarming)
    thickness = min(THINNEST + math.log2(trunk.bundle.links) * 0.55, THICKEST)
    *_, before, end = trunk.points
    backwards = math.atan2(before[1] - end[1], before[0] - end[0])
    neck = (end[0] + TIP * math.cos(backwards), end[1] + TIP * math.sin(backwards))
    line = _rounded((*trunk.points[:-1], neck))
    yield element("path", d=line, class_="casing", stroke_width=thickness + CASING)
    yield element("path", d=line, class_=f"trunk {classes}".strip(), stroke_width=thickness)
    yield _tip(end, backwards, max(TIP / 2, thickness), "alarm" if alarming else "")


def trunk_label(trunk: Trunk, *, alarming: bool) -> str:
    """Return the label of a trunk: how many links, and by which ports where there is room."""
    bundle = trunk.bundle
    words = _count(bundle) if _is_straight(trunk) else _label(bundle)
    width = _width(words)
    x, y = trunk.label
    return element(
        "g",
        hint(
            (
                f"{zone_name(bundle.source.zone)} → {zone_name(bundle.target.zone)}",
                f"{bundle.links} 条连接",
                ports_text(bundle),
                mechanisms_text(bundle.mechanisms),
            )
        ),
        box(
            x - width / 2,
            y - LABEL_HEIGHT / 2,
            width,
            LABEL_HEIGHT,
            round_=LABEL_HEIGHT / 2,
            classes="tag alarm" if alarming else "tag",
        ),
        text(words, x, y + 3.8, LABEL_SIZE, classes="middle"),
    )


def link_curve(source: Box, target: Box) -> str:
    """Return a curve from one card to another, from the edges that face each other."""
    if source.right < target.x or target.right < source.x:
        rightwards = source.right < target.x
        start = (source.right if rightwards else source.x, source.y + source.height / 2)
        end = (target.x if rightwards else target.right, target.y + target.height / 2)
        bend = (end[0] - start[0]) / 2
        turns = ((start[0] + bend, start[1]), (end[0] - bend, end[1]))
    else:
        down = source.y < target.y
        start = (source.middle, source.bottom if down else source.y)
        end = (target.middle, target.y if down else target.bottom)
        bend = (end[1] - start[1]) / 2
        turns = ((start[0], start[1] + bend), (end[0], end[1] - bend))
    return f"M{_place(start)}C{_place(turns[0])} {_place(turns[1])} {_place(end)}"


def _label(bundle: Bundle) -> str:
    ports = as_many(numbers(bundle.ports), LABEL_SIZE, PORTS_ROOM) or STORE
    ways = mechanisms_text(bundle.mechanisms)
    return " · ".join(part for part in (_count(bundle), ports, ways) if part)


def _count(bundle: Bundle) -> str:
    return f"{bundle.links} 条"


def _width(label: str) -> float:
    return width_of(label, LABEL_SIZE) + 2 * LABEL_PADDING


def _classes(bundle: Bundle, *, alarming: bool) -> str:
    kind = "" if bundle.ports else "store"
    if bundle.declared and bundle.ports:
        kind = "declared"
    return " ".join(part for part in (kind, "alarm" if alarming else "") if part)


def _is_straight(trunk: Trunk) -> bool:
    return len(trunk.points) == len(("start", "end"))


def _rounded(points: Sequence[Point]) -> str:
    """Return a path through points, with round corners as far as its parts are long enough."""
    points = [point for point, following in pairwise(points) if _far(point, following)] + [
        points[-1]
    ]
    path = [f"M{_place(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(CORNER, _length(before, corner) / 2, _length(corner, after) / 2)
        path.append(
            f"L{_place(_towards(corner, before, radius))}"
            f"Q{_place(corner)} {_place(_towards(corner, after, radius))}"
        )
    path.append(f"L{_place(points[-1])}")
    return "".join(path)


def _tip(end: Point, backwards: float, half: float, classes: str) -> str:
    base = (end[0] + (TIP + 1) * math.cos(backwards), end[1] + (TIP + 1) * math.sin(backwards))
    across = (-math.sin(backwards) * half, math.cos(backwards) * half)
    left, right = (
        (base[0] + across[0], base[1] + across[1]),
        (base[0] - across[0], base[1] - across[1]),
    )
    shape = f"M{_place(end)}L{_place(left)}L{_place(right)}Z"
    return element("path", d=shape, class_=f"tip {classes}".strip())


def _far(one: Point, other: Point) -> bool:
    return _length(one, other) > 1


def _length(one: Point, other: Point) -> float:
    return math.dist(one, other)


def _towards(start: Point, end: Point, distance: float) -> Point:
    share = distance / _length(start, end)
    return (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)


def _place(point: Point) -> str:
    return f"{plain(point[0])} {plain(point[1])}"
