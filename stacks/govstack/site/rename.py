"""What changes in a site's files when a system gets another id: the text of each file, purely.

What is in the cloud keeps its names: they go by the id that the system was first declared with,
which `renamed_from` keeps for good.  So the address book stays as it is.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from govstack.site.document import Path_
from govstack.site.rewrite import (
    Edit,
    Scalar,
    edited,
    insertion,
    removal,
    replacement,
    scalars_of,
)

ANY: Final = None
"""Stands for any key and any index in a pattern."""

Pattern = tuple[str | None, ...]

SITE_REFERENCES: Final[tuple[Pattern, ...]] = (
    ("flows", ANY, "from"),
    ("flows", ANY, "to"),
    ("balancers",),
    ("people", ANY, "comes_to", ANY),
)
SYSTEM_REFERENCES: Final[tuple[Pattern, ...]] = (
    ("uses", ANY),
    ("data_sets", ANY, "through"),
    ("data_sets", ANY, "consumers", ANY),
)
"""Where files name systems, alone or with something after a dot or a slash."""


class Kind(StrEnum):
    """What a file describes."""

    SITE = "site"
    SYSTEM = "system"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class File:
    """A file of the site: its path below the site's folder, with slashes, and its text."""

    path: str
    kind: Kind
    text: str

    @property
    def stem(self) -> str:
        """Return the file's name without its ending."""
        return self.path.rsplit("/", 1)[-1].removesuffix(".yaml")


@dataclass(frozen=True, slots=True)
class Change:
    """A file before and after; with another path it is moved."""

    path: str
    new_path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Move:
    """A system's id, its new one, and the layer that it goes to, if it changes."""

    old: str
    new: str
    layer: str = ""


def birth_of(files: tuple[File, ...], system: str) -> str:
    """Return the id that a system was first declared with."""
    own = (file for file in files if file.kind is Kind.SYSTEM and file.stem == system)
    for file in own:
        values = _values(scalars_of(file.text))
        if ("renamed_from",) in values:
            return values["renamed_from",].value
    return system


def changes_of(files: tuple[File, ...], move: Move) -> tuple[Change, ...]:
    """Return every file that the move changes, in the order given."""
    birth = birth_of(files, move.old)
    changes = (_change(file, move, birth) for file in files)
    return tuple(c for c in changes if (c.path, c.before) != (c.new_path, c.after))


def _change(file: File, move: Move, birth: str) -> Change:
    scalars = scalars_of(file.text)
    edits = list(_references(file, scalars, move))
    path = file.path
    if file.kind is Kind.SYSTEM and file.stem == move.old:
        edits += _own(file, scalars, move, birth)
        path = f"{path.removesuffix(f'{move.old}.yaml')}{move.new}.yaml"
    return Change(file.path, path, file.text, edited(file.text, edits))


def _references(file: File, scalars: tuple[Scalar, ...], move: Move) -> Iterator[Edit]:
    """Yield an edit for each place that names the system."""
    named = re.compile(rf"{re.escape(move.old)}(?=[./]|$)")
    for scalar in scalars:
        if scalar.is_key:
            if file.kind is Kind.ENVIRONMENT and scalar.path == ("systems", move.old):
                yield replacement(file.text, scalar, move.new)
        elif _is_reference(file.kind, scalar.path) and named.match(scalar.value):
            value = move.new + scalar.value.removeprefix(move.old)
            yield replacement(file.text, scalar, value)
        elif move.layer and scalar.path == ("systems", move.old, "layer"):
            yield replacement(file.text, scalar, move.layer)


def _is_reference(kind: Kind, path: Path_) -> bool:
    if kind is Kind.SITE:
        return _fits(path, SITE_REFERENCES)
    if kind is Kind.SYSTEM:
        return _fits(path, SYSTEM_REFERENCES)
    if path[:1] == ("site",):
        return _fits(path[1:], SITE_REFERENCES)
    return path[:1] == ("systems",) and _fits(path[2:], SYSTEM_REFERENCES)


def _fits(path: Path_, patterns: tuple[Pattern, ...]) -> bool:
    return any(
        len(pattern) == len(path)
        and all(wanted is ANY or wanted == part for wanted, part in zip(pattern, path, strict=True))
        for pattern in patterns
    )


def _own(file: File, scalars: tuple[Scalar, ...], move: Move, birth: str) -> Iterator[Edit]:
    """Yield the edits of a file of the system itself: its id, its first id, its layer."""
    keys = {scalar.path: scalar for scalar in scalars if scalar.is_key}
    values = _values(scalars)
    layer = values.get(("layer",))
    if move.layer and layer:
        yield replacement(file.text, layer, move.layer)
    own, former = values.get(("id",)), values.get(("renamed_from",))
    if own and move.new != move.old:
        yield replacement(file.text, own, move.new)
    if former and birth == move.new:
        # It is called as at first again: a first id of its own would name another system.
        yield removal(file.text, keys["renamed_from",], former)
    elif own and not former and move.new not in {move.old, birth}:
        yield insertion(file.text, keys["id",], own, f"renamed_from: {_written(birth)}")


def _written(id_: str) -> str:
    return f'"{id_}"' if id_ in {"true", "false", "null"} else id_


def _values(scalars: tuple[Scalar, ...]) -> Mapping[Path_, Scalar]:
    return {scalar.path: scalar for scalar in scalars if not scalar.is_key}
