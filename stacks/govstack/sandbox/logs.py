"""The logs of a cloud: the last lines of one service or of all, and what is added to them."""

import os
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

from govstack.errors import UnknownSelection
from govstack.sandbox.layout import SUPERVISOR, Layout

PAUSE: Final = 0.3
"""Seconds between two looks for new lines; files have no event that every kernel gives us."""
STAMP: Final = len("2026-01-31 12:00:00.000")


def logs(root: Path, service: str | None, lines: int, *, follow: bool) -> Iterator[str]:
    """Yield the last lines in the order of time; go on with new ones if told to follow.

    Args:
        root: the cloud's folder.
        service: whose lines; those of all services are marked with their names.
        lines: how many old lines of each file.
        follow: never end, until the caller does.

    Raises:
        UnknownSelection: there is no log of that service.
    """
    sources = _sources(Layout(root), service)
    marked = service is None
    try:
        yield from _last(sources, lines, marked=marked)
        while follow:
            fresh = [entry for source in sources for entry in source.read_on()]
            yield from (_shown(entry, marked=marked) for entry in sorted(fresh, key=_time))
            if not fresh:
                time.sleep(PAUSE)
    finally:
        for source in sources:
            source.close()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line, whose it is, and its time or that of the line before it."""

    stamp: str
    service: str
    text: str


@dataclass(slots=True)
class Source:
    """A log file that is read on where reading ended, also after it was replaced."""

    service: str
    path: Path
    _file: TextIO | None = None
    _stamp: str = field(default="")

    def read_on(self) -> Iterator[Entry]:
        """Yield the lines that were added since the last call."""
        if self._file is None and self.path.exists():
            self._file = self.path.open(encoding="utf-8", errors="replace")
        if self._file is None:
            return
        for line in self._file:
            if line[:STAMP].count(":") == 2:  # noqa: PLR2004 - as a time has
                self._stamp = line[:STAMP].replace(",", ".")
            yield Entry(self._stamp, self.service, line.rstrip("\n"))
        if self._was_replaced():
            self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _was_replaced(self) -> bool:
        if self._file is None:
            return False
        try:
            return not os.path.samestat(self.path.stat(), os.fstat(self._file.fileno()))
        except FileNotFoundError:
            return True


def _sources(layout: Layout, service: str | None) -> list[Source]:
    if service is None:
        found = [Source(path.stem, path) for path in sorted(layout.logs.glob("*.log"))]
        return [*found, Source(SUPERVISOR, layout.output(SUPERVISOR))]
    paths = [path for path in (layout.output(service), layout.log(service)) if path.exists()]
    if not paths:
        known = ", ".join(sorted({path.stem for path in layout.logs.glob("*.*")})) or "none"
        raise UnknownSelection(
            f"there is no log of {service!r} in {layout.logs}", hint=f"there are logs of: {known}"
        )
    return [Source(service, path) for path in paths]


def _last(sources: list[Source], lines: int, *, marked: bool) -> Iterator[str]:
    tails = (deque(source.read_on(), maxlen=lines) for source in sources)
    merged = sorted((entry for tail in tails for entry in tail), key=_time)
    yield from (_shown(entry, marked=marked) for entry in merged)


def _time(entry: Entry) -> str:
    return entry.stamp


def _shown(entry: Entry, *, marked: bool) -> str:
    return f"{entry.service:10} {entry.text}" if marked else entry.text
