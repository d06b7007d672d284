"""A chart with logarithmic axes, on which what is linear rises by a half right angle."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from govstack.reports.elements import box, element, text
from govstack.reports.palette import style_sheet

WIDTH, HEIGHT = 720.0, 420.0
LEFT, RIGHT, TOP, BOTTOM = 76.0, 190.0, 64.0, 52.0
COLOURS: Final = ("#b42318", "#1f6fb2", "#3d7a3d", "#8a5a00")
"""One for each line; each has a contrast of 3 to light and to dark grounds."""

Points = Sequence[tuple[float, float]]


def chart(title: str, across: str, up: str, lines: Mapping[str, Points]) -> str:
    """Return the lines as the text of an SVG file."""
    points = [point for each in lines.values() for point in each]
    xs, ys = _decades([x for x, _ in points]), _decades([y for _, y in points])
    content = (
        text(title, 24, 36, 18, classes="bold"),
        *_grid(xs, ys, across, up),
        *_lines(lines, xs, ys),
    )
    return (
        element(
            "svg",
            f"<style>{style_sheet()}</style>",
            box(0, 0, WIDTH, HEIGHT, classes="ground"),
            *content,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
            width=WIDTH,
            height=HEIGHT,
            role="img",
        )
        + "\n"
    )


def _decades(values: Sequence[float]) -> tuple[int, int]:
    first, last = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return first, max(last, first + 1)


def _x(value: float, decades: tuple[int, int]) -> float:
    share = (math.log10(value) - decades[0]) / (decades[1] - decades[0])
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(value: float, decades: tuple[int, int]) -> float:
    share = (math.log10(value) - decades[0]) / (decades[1] - decades[0])
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _grid(xs: tuple[int, int], ys: tuple[int, int], across: str, up: str) -> Iterator[str]:
    for power in range(xs[0], xs[1] + 1):
        x = _x(10**power, xs)
        yield _line(x, TOP, x, HEIGHT - BOTTOM)
        yield text(f"{10**power:,}", x, HEIGHT - BOTTOM + 20, 12, classes="quiet middle")
    for power in range(ys[0], ys[1] + 1):
        y = _y(10**power, ys)
        yield _line(LEFT, y, WIDTH - RIGHT, y)
        yield text(f"{10.0**power:g}", LEFT - 10, y + 4, 12, classes="quiet end")
    yield text(across, WIDTH - RIGHT, HEIGHT - 12, 12, classes="quiet end")
    yield text(up, LEFT, TOP - 10, 12, classes="quiet")


def _lines(lines: Mapping[str, Points], xs: tuple[int, int], ys: tuple[int, int]) -> Iterator[str]:
    for (name, points), colour in zip(lines.items(), COLOURS, strict=False):
        places = [(_x(x, xs), _y(y, ys)) for x, y in points]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        yield element("path", d=path, fill="none", stroke=colour, stroke_width=2)
        for x, y in places:
            yield element("circle", cx=round(x, 1), cy=round(y, 1), r=3.5, fill=colour)
        yield text(name, places[-1][0] + 10, places[-1][1] + 4, 12)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return element(
        "path", d=f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}", class_="grid", stroke="#8895a3"
    )
