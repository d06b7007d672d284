"""How wide text will be, without the font that it will be drawn with.

Chinese characters are as wide as they are high in every font, and so may be what Chinese shares
with others, such as arrows.  Of all other characters the widths are an average that the usual
fonts stay below.
"""

import unicodedata
from typing import Final

WIDE: Final = frozenset("WFA")
NARROW_WIDTH: Final = 0.58
MONOSPACE_WIDTH: Final = 0.62
ELLIPSIS: Final = "…"


def width_of(text: str, size: float, *, monospace: bool = False) -> float:
    """Return the width of a line of text at a font size."""
    narrow = MONOSPACE_WIDTH if monospace else NARROW_WIDTH
    return size * sum(
        1.0 if unicodedata.east_asian_width(character) in WIDE else narrow for character in text
    )


def shortened(text: str, size: float, room: float, *, monospace: bool = False) -> str:
    """Return the text, or as much of its beginning as there is room for."""
    if width_of(text, size, monospace=monospace) <= room:
        return text
    while text and width_of(text + ELLIPSIS, size, monospace=monospace) > room:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def fitting_size(text: str, sizes: tuple[float, ...], room: float) -> float:
    """Return the first of these sizes at which the text has room, or the last."""
    return next((size for size in sizes if width_of(text, size) <= room), sizes[-1])


def as_many(words: tuple[str, ...], size: float, room: float) -> str:
    """Return as many words as there is room for, and how many more there are: ``a b +3``."""
    for shown in range(len(words), 0, -1):
        rest = len(words) - shown
        text = " ".join(words[:shown]) + (f" +{rest}" if rest else "")
        if width_of(text, size, monospace=True) <= room:
            return text
    return f"+{len(words)}" if words else ""
