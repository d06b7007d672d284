"""The finished geometry of a topology: every row, zone, card and trunk with its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from govstack.plan.views.graph import Bundle, Cell, Item, Topology
from govstack.reports.layout import (
    CARD_GAP,
    CARD_HEIGHT,
    CELL_PADDING,
    LEAST_WIDTH,
    LEGEND_HEIGHT,
    MARGIN,
    PAPER,
    TITLE_HEIGHT,
    ZONE_HEAD,
    Box,
    Column,
    Grid,
    grid_of,
    stack_height,
)
from govstack.reports.trunks import (
    GUTTER_PADDING,
    TRACK,
    Course,
    Leg,
    Point,
    Side,
    courses_of,
    gutter_height,
    lane_offset,
    tracks_of,
)
from govstack.site.kinds import Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """A bundle as a line of several points, with the place that its label is centred on."""

    bundle: Bundle
    points: tuple[Point, ...]
    label: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All places, on a sheet of the proportions of A4 and A3.

    Attributes:
        content: what is drawn on, at the top of the sheet.
        legend: where the legend begins.
    """

    width: float
    height: float
    content: Box
    legend: float
    rows: tuple[tuple[Layer, Box], ...]
    zones: tuple[tuple[Column, Box], ...]
    cards: tuple[tuple[Item, Box], ...]
    trunks: tuple[Trunk, ...]


def sheet_of(topology: Topology, labels: Mapping[Bundle, float]) -> Sheet:
    """Return the places of everything; trunks get labels of these widths."""
    grid = grid_of(topology)
    courses = courses_of(grid, topology.bundles, labels)
    return _Places(grid, courses, tracks_of(courses)).sheet()


class _Places:
    """Adds up heights from the top: title, heads of zones, rows with the gutters below them."""

    def __init__(self, grid: Grid, courses: tuple[Course, ...], tracks: Mapping[Leg, int]) -> None:
        self._grid = grid
        self._courses = courses
        self._tracks = tracks
        self._rows: list[Box] = []
        self._gutters: list[float] = []
        y = MARGIN + TITLE_HEIGHT + ZONE_HEAD + CELL_PADDING
        for number, layer in enumerate(grid.layers):
            row = Box(MARGIN, y, grid.right - MARGIN, grid.row_height(layer))
            self._rows.append(row)
            self._gutters.append(row.bottom)
            y = row.bottom + gutter_height(number, tracks)
        self._bottom = y

    def sheet(self) -> Sheet:
        width = max(self._grid.right + MARGIN, LEAST_WIDTH)
        height = self._bottom + LEGEND_HEIGHT + MARGIN
        paper_width, paper_height = max(width, height * PAPER), max(height, width / PAPER)
        content = Box((paper_width - width) / 2, 0.0, width, height)
        top = MARGIN + TITLE_HEIGHT
        return Sheet(
            width=paper_width,
            height=paper_height,
            content=content,
            legend=self._bottom + MARGIN / 2,
            rows=tuple(zip(self._grid.layers, self._rows, strict=True)),
            zones=tuple(
                (column, Box(column.x, top, column.width, self._bottom - top))
                for column in self._grid.columns
            ),
            cards=tuple(self._cards()),
            trunks=tuple(self._trunk(course) for course in self._courses),
        )

    def _cards(self) -> Iterator[tuple[Item, Box]]:
        for layer, row in zip(self._grid.layers, self._rows, strict=True):
            for column in self._grid.columns:
                for place, item in enumerate(self._grid.cells.get(Cell(layer, column.id), ())):
                    down, across = divmod(place, column.abreast)
                    yield (
                        item,
                        Box(
                            column.x + CELL_PADDING + across * (column.card_width + CARD_GAP),
                            row.y + CELL_PADDING + down * (CARD_HEIGHT + CARD_GAP),
                            column.card_width,
                            CARD_HEIGHT,
                        ),
                    )

    def _trunk(self, course: Course) -> Trunk:
        if course.sides is None:
            return self._straight(course)
        source, target = course.bundle.source, course.bundle.target
        points = [(course.legs[0].start, self._edge(source, course.sides[0]))]
        for leg in course.legs:
            y = self._gutters[leg.gutter] + GUTTER_PADDING + self._tracks[leg] * TRACK
            points += [(leg.start, y), (leg.end, y)]
        points.append((course.legs[-1].end, self._edge(target, course.sides[1])))
        (start, y), (end, _) = points[1], points[2]
        return Trunk(bundle=course.bundle, points=tuple(points), label=((start + end) / 2, y))

    def _straight(self, course: Course) -> Trunk:
        bundle = course.bundle
        source, target = (self._grid.column(cell.zone) for cell in (bundle.source, bundle.target))
        y = self._row(bundle.source).y + lane_offset(course.lane)
        if source.x < target.x:
            start, end = self._cell_right(bundle.source), target.x + CELL_PADDING
            middle = (source.x + source.width + target.x) / 2
        else:
            start, end = source.x + CELL_PADDING, self._cell_right(bundle.target)
            middle = (target.x + target.width + source.x) / 2
        return Trunk(bundle=bundle, points=((start, y), (end, y)), label=(middle, y))

    def _row(self, cell: Cell) -> Box:
        return self._rows[self._grid.layers.index(cell.layer)]

    def _cell_right(self, cell: Cell) -> float:
        """Return where the cards of a cell's first line end."""
        column = self._grid.column(cell.zone)
        abreast = min(len(self._grid.cells[cell]), column.abreast)
        return column.x + CELL_PADDING + abreast * (column.card_width + CARD_GAP) - CARD_GAP

    def _edge(self, cell: Cell, side: Side) -> float:
        """Return the height of a cell's edge; what is below its last card is part of the way."""
        row = self._row(cell)
        if side is Side.TOP:
            return row.y + CELL_PADDING / 2
        depth = self._grid.depth(cell.layer, self._grid.column(cell.zone))
        return row.y + stack_height(depth) - CELL_PADDING / 2
