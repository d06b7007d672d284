"""Changes to the modules that a program is built from, made while it is built.

They stand in ``changes.json`` beside the sources, each with its reason.  What is built in place of
such a module is a copy of it; Go's module cache stays as it is.
"""

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from govstack.errors import ToolchainUnfit

CHANGES: Final = "changes.json"
GO_MOD: Final = "go.mod"


@dataclass(frozen=True, slots=True)
class Change:
    """A text of a module's file, and what is built in its place."""

    reason: str
    module: str
    file: str
    old: str
    new: str


def changed_modules(modules: Path, folder_of: Callable[[str], Path]) -> dict[str, Path]:
    """Copy each module that is changed below `modules`; return the copies by module.

    Args:
        modules: the copy of the sources that is built.
        folder_of: where a module lies, by its path.

    Raises:
        ToolchainUnfit: a file is no longer as the change expects it.
    """
    copies: dict[str, Path] = {}
    for change in _read(modules / CHANGES):
        if change.module not in copies:
            copies[change.module] = modules / "changed" / str(len(copies))
            _copy(change.module, folder_of(change.module), copies[change.module])
        _apply(change, copies[change.module] / change.file)
    return copies


def _copy(module: str, folder: Path, target: Path) -> None:
    """Copy a module; Go keeps its files read-only."""
    shutil.copytree(folder, target, copy_function=shutil.copyfile)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    if not (target / GO_MOD).exists():
        # Older than modules; where it is fetched from, one is made up for it.
        (target / GO_MOD).write_text(f"module {module}\n", encoding="utf-8")


def _read(path: Path) -> Iterable[Change]:
    if not path.exists():
        return ()
    return tuple(Change(**item) for item in json.loads(path.read_text(encoding="utf-8")))


def _apply(change: Change, file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    if text.count(change.old) != 1:
        raise ToolchainUnfit(
            f"{change.module} has changed: {change.file} is not as {CHANGES} expects it",
            hint="read the change's reason against the module's new version",
        )
    file.write_text(text.replace(change.old, change.new), encoding="utf-8")
