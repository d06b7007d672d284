"""The cache of programs that we downloaded or built, addressed by what they are made from.

A slot is filled aside and renamed, so it is whole or not there; one process at a time fills it.
"""

import fcntl
import hashlib
import json
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from govstack.engine.toolchain import tokens
from govstack.engine.toolchain.model import Origin, Program, Recipe
from govstack.resources import resource

FORMAT = 1
BUILD_FLAGS = ("-trimpath", "-buildvcs=false")
LINK_FLAGS = "-s -w"
NOTE_NAME = "origin.json"
DIGITS = 32
"""How much of a digest names a slot: 128 bits."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one program in the cache; `version` is what it must have."""

    recipe: Recipe
    version: str
    folder: Path

    @property
    def binary(self) -> Path:
        """Return where the program is, once the slot is filled."""
        return self.folder / self.recipe.binary

    def read(self) -> Program | None:
        """Return the program in the slot, None if there is none."""
        if not os.access(self.binary, os.X_OK):
            return None
        try:
            note = json.loads((self.folder / NOTE_NAME).read_text(encoding="utf-8"))
            reason = str(note["reason"])
        except (OSError, ValueError, KeyError):
            return None
        return self._program(Origin.CACHED, f"kept from before: {reason}")

    def fill(self, source: Path, origin: Origin, reason: str) -> Program:
        """Take the folder below `aside` that holds the program, and return the program."""
        note = {"format": FORMAT, "origin": origin.value, "reason": reason}
        (source / NOTE_NAME).write_text(json.dumps(note) + "\n", encoding="utf-8")
        shutil.rmtree(self.folder, ignore_errors=True)
        source.rename(self.folder)
        return self._program(origin, reason)

    def _program(self, origin: Origin, reason: str) -> Program:
        return Program(self.recipe.name, self.binary, self.version, origin, reason)


def slot_of(cache: Path, recipe: Recipe, version: str) -> Slot:
    """Return the slot of a program: another source, flag, version or machine has another slot."""
    parts = hashlib.sha256()
    for path in sorted(path for path in sources(recipe).iterdir() if path.is_file()):
        _add(parts, path.name.encode(), path.read_bytes())
    _add(parts, Path(tokens.__file__).read_bytes())
    for text in (*BUILD_FLAGS, LINK_FLAGS, recipe.package, recipe.stamp, version):
        _add(parts, text.encode())
    _add(parts, platform.system().encode(), platform.machine().encode())
    folder = cache / "toolchain" / recipe.name / parts.hexdigest()[:DIGITS]
    return Slot(recipe, version, folder)


def sources(recipe: Recipe) -> Path:
    """Return the folder of the Go sources that ship with us."""
    return resource("toolchain") / recipe.name


@contextmanager
def filling(folder: Path, on_wait: Callable[[], None]) -> Iterator[Path]:
    """Hold the right to fill this folder; give an empty one to fill it from.

    `on_wait` is called if another process holds it.  What that process made must be looked for
    afterwards.  Nothing is left of the given folder, even if a former holder was killed.
    """
    aside = folder.with_suffix(".partial")
    folder.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor, on_wait)
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        try:
            yield aside
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, on_wait: Callable[[], None]) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        on_wait()
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _add(parts: "hashlib._Hash", *texts: bytes) -> None:
    """Add texts with their lengths, so that no two lists of texts are added alike."""
    for text in texts:
        parts.update(len(text).to_bytes(8, "big"))
        parts.update(text)
