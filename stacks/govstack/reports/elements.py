"""Elements of SVG as text: escaped, with numbers as short as they can be."""

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

Value = str | float


def element(name: str, *children: str, **attributes: Value) -> str:
    """Return an element; ``font_size`` is written for ``font-size``, ``class_`` for ``class``."""
    words = [name]
    words += [
        f"{key.rstrip('_').replace('_', '-')}={quoteattr(plain(value))}"
        for key, value in attributes.items()
        if value != ""
    ]
    inside = "".join(children)
    return f"<{' '.join(words)}>{inside}</{name}>" if inside else f"<{' '.join(words)}/>"


def text(content: str, x: float, y: float, size: float, classes: str = "") -> str:
    """Return a line of text that begins, or as its class says, at a place."""
    return element("text", escape(content), x=x, y=y, font_size=size, class_=classes)


def box(x: float, y: float, width: float, height: float, *, round_: float = 0, classes: str) -> str:
    """Return a rectangle."""
    radius = round_ or ""
    return element("rect", x=x, y=y, width=width, height=height, rx=radius, class_=classes)


def hint(lines: Iterable[str]) -> str:
    """Return what is shown when the pointer rests on the element that it is in."""
    return element("title", escape("\n".join(line for line in lines if line)))


def plain(value: Value) -> str:
    """Return a value as text; of numbers, one digit after the point is enough to draw."""
    if isinstance(value, str):
        return value
    return f"{value:.1f}".removesuffix(".0")
