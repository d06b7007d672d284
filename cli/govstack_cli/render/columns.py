"""Aligned columns; Chinese characters are two cells wide."""

from collections.abc import Collection, Sequence

from rich.text import Text

Cell = str | Text
Row = Sequence[Cell]


def aligned(
    rows: Sequence[Row], *, indent: int = 0, right: Collection[int] = (), gap: int = 2
) -> list[Text]:
    """Return rows as lines; columns that are empty in all rows are left out.

    Args:
        rows: equally long.
        indent: blanks before each line.
        right: the columns that are aligned to the right.
        gap: blanks between columns.
    """
    texts = [[Text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    widths = [max(cell.cell_len for cell in column) for column in zip(*texts, strict=True)]
    shown = [number for number, width in enumerate(widths) if width]
    return [_line(row, widths, shown, right, indent=indent, gap=gap) for row in texts]


def _line(
    row: Sequence[Text],
    widths: Sequence[int],
    shown: Sequence[int],
    right: Collection[int],
    *,
    indent: int,
    gap: int,
) -> Text:
    line = Text(" " * indent)
    for position, number in enumerate(shown):
        blanks = " " * (widths[number] - row[number].cell_len)
        if position:
            line.append(" " * gap)
        if number in right:
            line.append(blanks).append_text(row[number])
        else:
            line.append_text(row[number]).append(blanks)
    line.rstrip()
    return line
