"""Progress for those who cannot be shown a live display: plain lines, or nothing."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Protocol, Self, TextIO

from govstack.values.observer import (
    Event,
    Level,
    Note,
    Outcome,
    StepAdvanced,
    StepFinished,
    StepStarted,
)


class Progress(Protocol):
    """An observer for the time of one operation.

    Attributes:
        notes: those that were not shown.
    """

    notes: list[Note]

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""
        ...

    def notify(self, event: Event) -> None:
        """Show an event."""
        ...

    def suspended(self) -> AbstractContextManager[None]:
        """Leave the terminal alone for a while, to ask something."""
        ...


class QuietProgress:
    """Shows nothing but keeps the notes."""

    def __init__(self) -> None:
        self.notes: list[Note] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing: nothing was begun."""

    def notify(self, event: Event) -> None:
        """Keep notes, ignore all else."""
        if isinstance(event, Note):
            self.notes.append(event)

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Do nothing: nothing is shown."""
        yield


class PlainProgress:
    """One line for each start and end; with `verbose` also for what happens between."""

    def __init__(
        self,
        stream: TextIO | None = None,
        *,
        verbose: bool = False,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self.notes: list[Note] = []
        self._stream = stream or sys.stderr
        self._verbose = verbose
        self._now = now
        self._started: set[str] = set()
        self._last: dict[str, str] = {}
        self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing: every line is already written."""

    def notify(self, event: Event) -> None:
        """Write a line, if the event is worth one."""
        if isinstance(event, StepStarted):
            self._started.add(event.step)
            self._write(event.step, f"start  {event.title}")
        elif isinstance(event, StepFinished):
            self._finish(event)
        elif isinstance(event, StepAdvanced):
            self._advance(event)
        elif isinstance(event, Note):
            mark = "warning: " if event.level is Level.WARNING else ""
            self._write("", f"{mark}{event.text}")

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Do nothing: lines do not disturb a question."""
        yield

    def _finish(self, event: StepFinished) -> None:
        # What did not even have to start is counted in the summary.
        if event.outcome is Outcome.UNCHANGED and event.step not in self._started:
            return
        self._started.discard(event.step)
        detail = event.detail.splitlines()[0] if event.detail else ""
        middle = f"  {detail}" if detail else ""
        self._write(event.step, f"{event.outcome.value}{middle}  {event.seconds:.1f} s")

    def _advance(self, event: StepAdvanced) -> None:
        if not self._verbose or self._last.get(event.step) == event.detail:
            return
        self._last[event.step] = event.detail
        self._write(event.step, event.detail)

    def _write(self, step: str, text: str) -> None:
        self._width = max(self._width, len(step))
        subject = f"{step:{self._width}}  " if step else ""
        try:
            self._stream.write(f"{self._now():%H:%M:%S} {subject}{text}\n")
            self._stream.flush()
        except OSError:
            # Nobody reads the progress any more; the work goes on.
            return
