"""Where everything of a topology is drawn: layers are rows, zones are columns, systems are cards.

All lengths are pixels of the drawing.  The same topology always gives the same places.
"""

import dataclasses
import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from govstack.plan.views.graph import (
    NO_ZONE,
    OUTSIDE,
    Cell,
    Item,
    Topology,
    ZoneView,
)
from govstack.site.kinds import Layer

MARGIN: Final = 28.0
TITLE_HEIGHT: Final = 74.0
LAYER_WIDTH: Final = 96.0
ZONE_HEAD: Final = 58.0
CARD_WIDTH: Final = 214.0
CARD_HEIGHT: Final = 90.0
OUTSIDER_WIDTH: Final = 150.0
CARD_GAP: Final = 12.0
CELL_PADDING: Final = 12.0
COLUMN_GAP: Final = 54.0
LEGEND_HEIGHT: Final = 78.0
MOST_ABREAST: Final = 7
EMPTY_ROW: Final = 40.0
LEAST_WIDTH: Final = 1290.0
"""What title and legend need."""

PAPER: Final = math.sqrt(2)
"""Width to height of A4 and A3, landscape."""

USUAL_GUTTER: Final = 70.0
"""How high a gutter between two rows is assumed to be, before paths are led through it."""

TOP_DOWN: Final = (Layer.APPLICATION_SUPPORT, Layer.DATA_SERVICE, Layer.INFRASTRUCTURE)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return where it ends."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Return where it ends."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """Return the place half-way between left and right."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A zone, the outside (`zone` is None), or what is in no zone; cards stand `abreast`."""

    id: str
    zone: ZoneView | None
    x: float
    card_width: float
    abreast: int

    @property
    def width(self) -> float:
        """Return the width of its cards with what is around them."""
        cards = self.abreast * self.card_width + (self.abreast - 1) * CARD_GAP
        return cards + 2 * CELL_PADDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Rows and columns, and which cards are in each cell; gutters are below the rows."""

    columns: tuple[Column, ...]
    layers: tuple[Layer, ...]
    cells: Mapping[Cell, tuple[Item, ...]]

    def depth(self, layer: Layer, column: Column) -> int:
        """Return how many cards of a cell stand one below the other."""
        return -(-len(self.cells.get(Cell(layer, column.id), ())) // column.abreast)

    def row_height(self, layer: Layer) -> float:
        """Return the height of a row of cells."""
        depth = max((self.depth(layer, column) for column in self.columns), default=0)
        return stack_height(depth) if depth else EMPTY_ROW

    def column(self, zone: str) -> Column:
        """Return the column of a zone."""
        return next(column for column in self.columns if column.id == zone)

    @property
    def right(self) -> float:
        """Return where the last column ends."""
        last = self.columns[-1] if self.columns else None
        return last.x + last.width if last else MARGIN + LAYER_WIDTH


def stack_height(depth: int) -> float:
    """Return the height of so many cards with what is around them."""
    return depth * CARD_HEIGHT + (depth - 1) * CARD_GAP + 2 * CELL_PADDING


def grid_of(topology: Topology) -> Grid:
    """Return rows and columns, with as many cards abreast as make the sheet's proportions."""
    cells: defaultdict[Cell, list[Item]] = defaultdict(list)
    for item in topology.items:
        cells[item.cell].append(item)
    grid = Grid(
        columns=_placed(_columns(topology)),
        layers=tuple(layer for layer in TOP_DOWN if any(cell.layer == layer for cell in cells)),
        cells={cell: tuple(items) for cell, items in cells.items()},
    )
    return min(_arrangements(grid), key=_paper_width)


def _columns(topology: Topology) -> list[Column]:
    def column(id_: str, zone: ZoneView | None, card_width: float = CARD_WIDTH) -> Column:
        return Column(id=id_, zone=zone, x=0.0, card_width=card_width, abreast=1)

    columns = [column(zone.id, zone) for zone in topology.zones]
    if topology.outsiders:
        columns.insert(0, column(OUTSIDE, None, OUTSIDER_WIDTH))
    if any(system.cell.zone == NO_ZONE for system in topology.systems):
        columns.append(column(NO_ZONE, None))
    return columns


def _placed(columns: Sequence[Column]) -> tuple[Column, ...]:
    x, placed = MARGIN + LAYER_WIDTH, []
    for column in columns:
        placed.append(dataclasses.replace(column, x=x))
        x += column.width + COLUMN_GAP
    return tuple(placed)


def _arrangements(grid: Grid) -> Iterator[Grid]:
    """Yield the grid with every choice of how many cards may stand one below the other."""
    counts = {
        layer: [len(grid.cells.get(Cell(layer, column.id), ())) for column in grid.columns]
        for layer in grid.layers
    }
    choices = [_depths(max(counts[layer], default=0)) for layer in grid.layers]
    for depths in itertools.product(*choices):
        limits = dict(zip(grid.layers, depths, strict=True))
        columns = [
            dataclasses.replace(
                column,
                abreast=max(
                    (-(-counts[layer][number] // limits[layer]) or 1 for layer in grid.layers),
                    default=1,
                ),
            )
            for number, column in enumerate(grid.columns)
        ]
        yield dataclasses.replace(grid, columns=_placed(columns))


def _depths(cards: int) -> list[int]:
    """Return the depths of a stack of cards that is split into ever more beside each other."""
    return sorted({-(-cards // abreast) for abreast in range(1, MOST_ABREAST + 1)} - {0}) or [1]


def _paper_width(grid: Grid) -> float:
    """Return the width of the sheet that the grid needs; the smaller, the larger its text."""
    rows = sum(grid.row_height(layer) + USUAL_GUTTER for layer in grid.layers)
    height = MARGIN * 2 + TITLE_HEIGHT + ZONE_HEAD + rows + LEGEND_HEIGHT
    return max(grid.right + MARGIN, LEAST_WIDTH, height * PAPER)
