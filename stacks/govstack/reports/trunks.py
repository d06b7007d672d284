"""How bundles of paths are led between the cells of a drawing: never across a card.

A trunk leaves its cell at an edge, goes along the gutter below a row on a track of its own, and
enters the other cell.  Neighbours in a row are joined straight through the gap between them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from govstack.plan.views.graph import Bundle, Cell
from govstack.reports.layout import CARD_HEIGHT, CELL_PADDING, COLUMN_GAP, Column, Grid

TRACK: Final = 21.0
GUTTER_PADDING: Final = 15.0
LANE: Final = 22.0
"""How far apart straight trunks between the same neighbours are."""

BESIDE: Final = 9.0
"""How far apart trunks in the gap between two columns are."""

Point = tuple[float, float]


class Side(StrEnum):
    """The edge of a cell that a trunk leaves or enters by."""

    TOP = "top"
    BOTTOM = "bottom"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leg:
    """One run along a gutter, between two places, with room for a label of some width.

    A leg equals only itself: two trunks may run between the same places, each on its own track.
    """

    gutter: int
    start: float
    end: float
    label: float = 0.0

    @property
    def span(self) -> tuple[float, float]:
        """Return what it takes up of its track."""
        middle, half = (self.start + self.end) / 2, self.label / 2
        return (min(self.start, self.end, middle - half), max(self.start, self.end, middle + half))


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a trunk runs: from an edge along gutters to an edge, or straight to a neighbour."""

    bundle: Bundle
    sides: tuple[Side, Side] | None
    legs: tuple[Leg, ...] = ()
    lane: int = 0


def courses_of(
    grid: Grid, bundles: Sequence[Bundle], labels: Mapping[Bundle, float]
) -> tuple[Course, ...]:
    """Return the course of each bundle, with room for labels of these widths."""
    router = _Router(grid, bundles)
    return tuple(router.course(bundle, labels[bundle]) for bundle in bundles)


def tracks_of(courses: Iterable[Course]) -> dict[Leg, int]:
    """Return a track for each leg, so that no two in a gutter touch."""
    taken: defaultdict[int, list[list[tuple[float, float]]]] = defaultdict(list)
    tracks: dict[Leg, int] = {}
    legs = (leg for course in courses for leg in course.legs)
    for leg in sorted(legs, key=lambda leg: (leg.gutter, leg.span)):
        lanes = taken[leg.gutter]
        low, high = leg.span
        free = (
            number
            for number, spans in enumerate(lanes)
            if all(high + BESIDE < start or end + BESIDE < low for start, end in spans)
        )
        number = next(free, len(lanes))
        if number == len(lanes):
            lanes.append([])
        lanes[number].append((low, high))
        tracks[leg] = number
    return tracks


def gutter_height(gutter: int, tracks: Mapping[Leg, int]) -> float:
    """Return how high a gutter must be for its tracks."""
    used = [track + 1 for leg, track in tracks.items() if leg.gutter == gutter]
    return 2 * GUTTER_PADDING + (max(used) - 1) * TRACK if used else GUTTER_PADDING


def lane_offset(lane: int) -> float:
    """Return how far below a row's upper edge a straight trunk runs."""
    return CELL_PADDING + min(LANE * (lane + 0.9), CARD_HEIGHT - BESIDE)


class _Router:
    """Knows which cells are empty, and gives each trunk its own place at the edges of cells."""

    def __init__(self, grid: Grid, bundles: Sequence[Bundle]) -> None:
        self._grid = grid
        self._columns = {column.id: number for number, column in enumerate(grid.columns)}
        self._rows = {layer: number for number, layer in enumerate(grid.layers)}
        self._lanes: defaultdict[tuple[int, int, int], int] = defaultdict(int)
        self._beside: defaultdict[int, int] = defaultdict(int)
        self._ports = self._at_edges(bundles)

    def course(self, bundle: Bundle, label: float) -> Course:
        source, target = self._place(bundle.source), self._place(bundle.target)
        if self._is_neighbour(bundle):
            key = (source[0], min(source[1], target[1]), max(source[1], target[1]))
            lane = self._lanes[key]
            self._lanes[key] += 1
            return Course(bundle=bundle, sides=None, lane=lane)
        sides = self._sides(bundle)
        first, last = self._gutter(bundle.source, sides[0]), self._gutter(bundle.target, sides[1])
        start = self._ports[bundle, first, bundle.source.zone]
        end = self._ports[bundle, last, bundle.target.zone]
        if self._is_free(bundle.target, first, last):
            return _along(bundle, sides, Leg(gutter=first, start=start, end=end, label=label))
        if self._is_free(bundle.source, first, last):
            return _along(bundle, sides, Leg(gutter=last, start=start, end=end, label=label))
        via = self._beside_column(target[1])
        return _along(
            bundle,
            sides,
            Leg(gutter=first, start=start, end=via, label=label),
            Leg(gutter=last, start=via, end=end),
        )

    def _place(self, cell: Cell) -> tuple[int, int]:
        return self._rows[cell.layer], self._columns[cell.zone]

    def _is_empty(self, row: int, column: int) -> bool:
        cell = Cell(self._grid.layers[row], self._grid.columns[column].id)
        return not self._grid.cells.get(cell)

    def _is_neighbour(self, bundle: Bundle) -> bool:
        (row, source), (other, target) = self._place(bundle.source), self._place(bundle.target)
        low, high = sorted((source, target))
        return row == other and all(self._is_empty(row, number) for number in range(low + 1, high))

    def _is_free(self, cell: Cell, first: int, last: int) -> bool:
        """Tell whether the rows between two gutters are empty in a cell's column."""
        low, high = sorted((first, last))
        column = self._columns[cell.zone]
        return all(self._is_empty(row, column) for row in range(low + 1, high + 1))

    def _sides(self, bundle: Bundle) -> tuple[Side, Side]:
        source, target = self._rows[bundle.source.layer], self._rows[bundle.target.layer]
        if source == target:
            return Side.BOTTOM, Side.BOTTOM
        return (Side.BOTTOM, Side.TOP) if source < target else (Side.TOP, Side.BOTTOM)

    def _gutter(self, cell: Cell, side: Side) -> int:
        """Return the gutter at an edge of a cell."""
        row = self._rows[cell.layer]
        return row if side is Side.BOTTOM else row - 1

    def _at_edges(self, bundles: Sequence[Bundle]) -> dict[tuple[Bundle, int, str], float]:
        """Return where each trunk meets a gutter in a column: in the order of the other ends.

        Trunks from the cell above a gutter and from the one below it stand side by side too, or
        they would run over each other on the way to their tracks.
        """
        edges: defaultdict[tuple[int, str], set[tuple[float, Bundle]]] = defaultdict(set)
        for bundle in bundles:
            if not self._is_neighbour(bundle):
                near, far = self._sides(bundle)
                ends = (bundle.source, near, bundle.target), (bundle.target, far, bundle.source)
                for cell, side, other in ends:
                    away = _middle(self._grid.column(other.zone))
                    edges[self._gutter(cell, side), cell.zone].add((away, bundle))
        ports = {}
        for (gutter, zone), meeting in edges.items():
            column = self._grid.column(zone)
            step = column.width / (len(meeting) + 1)
            ordered = sorted(meeting, key=lambda item: (item[0], item[1].source, item[1].target))
            for number, (_, bundle) in enumerate(ordered, start=1):
                ports[bundle, gutter, zone] = column.x + step * number
        return ports

    def _beside_column(self, number: int) -> float:
        """Return a place in the gap before a column."""
        used = self._beside[number]
        self._beside[number] += 1
        return self._grid.columns[number].x - COLUMN_GAP / 2 + BESIDE * (used % 3 - 1)


def _middle(column: Column) -> float:
    return column.x + column.width / 2


def _along(bundle: Bundle, sides: tuple[Side, Side], *legs: Leg) -> Course:
    return Course(bundle=bundle, sides=sides, legs=legs)
