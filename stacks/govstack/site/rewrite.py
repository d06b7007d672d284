"""Changes single scalars of a YAML text; every other byte stays as somebody wrote it.

Composes nodes as `document` does, but for the places of their characters instead of their values.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from govstack.site.document import Path_

BOM: Final = "\ufeff"
WORDS: Final = frozenset({"true", "false", "null"})
"""What a plain scalar cannot say: YAML takes it for something else than a text."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A key or a value: the way to it, what it says, and the characters that say so."""

    path: Path_
    value: str
    start: int
    end: int
    is_key: bool
    in_flow: bool


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Characters to replace, from `start` up to `end`."""

    start: int
    end: int
    text: str


def scalars_of(text: str) -> tuple[Scalar, ...]:
    """Return all keys and values of a text that is valid YAML; those of an alias are repeated."""
    offset = len(BOM) if text.startswith(BOM) else 0
    root = YAML(typ="safe", pure=True).compose(text[offset:])
    return tuple(_walk(root, (), offset, in_flow=False)) if root is not None else ()


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with these edits, which do not overlap; equal ones count once."""
    for edit in sorted(set(edits), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def replacement(text: str, scalar: Scalar, value: str) -> Edit:
    """Return the edit that makes a scalar say something else, in the style that it is written."""
    written = text[scalar.start : scalar.end]
    # From the end: the head of a block scalar may have a comment that says the same.
    place = written.rfind(scalar.value)
    if place < 0 or (value in WORDS and written == scalar.value):
        return Edit(scalar.start, scalar.end, f'"{value}"')
    start = scalar.start + place
    return Edit(start, start + len(scalar.value), value)


def insertion(text: str, key: Scalar, value: Scalar, line: str) -> Edit:
    """Return the edit that writes ``key: value`` after a key of the same map and its value."""
    if key.in_flow:
        return Edit(value.end, value.end, f", {line}")
    indent = " " * (key.start - _line_start(text, key.start))
    end = _line_end(text, value)
    newline = _newline(text)
    if end and text[end - 1] == "\n":
        return Edit(end, end, f"{indent}{line}{newline}")
    return Edit(end, end, f"{newline}{indent}{line}")


def removal(text: str, key: Scalar, value: Scalar) -> Edit:
    """Return the edit that takes a key and its value away, in block style with its whole line."""
    if not key.in_flow:
        return Edit(_line_start(text, key.start), _line_end(text, value), "")
    after = text[value.end :]
    if after.lstrip().startswith(","):
        rest = after.lstrip()[1:].lstrip()
        return Edit(key.start, len(text) - len(rest), "")
    return Edit(text.rfind(",", 0, key.start), value.end, "")


def _walk(node: Node, path: Path_, offset: int, *, in_flow: bool) -> Iterator[Scalar]:
    if isinstance(node, ScalarNode):
        yield _scalar(node, path, offset, is_key=False, in_flow=in_flow)
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode):
                flow = bool(node.flow_style)
                below = (*path, str(key.value))
                yield _scalar(key, below, offset, is_key=True, in_flow=flow)
                yield from _walk(value, below, offset, in_flow=flow)
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            yield from _walk(item, (*path, index), offset, in_flow=bool(node.flow_style))


def _scalar(node: ScalarNode, path: Path_, offset: int, *, is_key: bool, in_flow: bool) -> Scalar:
    start, end = node.start_mark.index + offset, node.end_mark.index + offset
    return Scalar(path, str(node.value), start, end, is_key, in_flow)


def _line_start(text: str, place: int) -> int:
    return text.rfind("\n", 0, place) + 1


def _line_end(text: str, value: Scalar) -> int:
    """Return where the line after a value begins, or the end of the text."""
    if text[value.end - 1 : value.end] == "\n":  # a block scalar ends with its line
        return value.end
    found = text.find("\n", value.end)
    return len(text) if found < 0 else found + 1


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
