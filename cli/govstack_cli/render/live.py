"""Live progress on a terminal: a line for each running step, and one that stays when it ends."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from govstack.values.change import Action
from govstack.values.observer import (
    ChangeSeen,
    Event,
    Note,
    Outcome,
    StepAdvanced,
    StepFinished,
    StepStarted,
)
from govstack_cli.render.columns import aligned
from govstack_cli.render.failure import note_line
from govstack_cli.render.look import HEADING, OUTCOME_STYLES, QUIET, Look
from govstack_cli.render.words import counts_text, duration

REFRESHES: Final = 8
"""A second; a spinner turns smoothly with it, a slow connection still keeps up."""

SPINNING: Final = "cyan"
LEAST_DETAIL: Final = 8
WELL: Final = frozenset({Outcome.DONE, Outcome.UNCHANGED})
MOST_DETAIL: Final = 56
"""So that on a wide terminal the eye finds the way from a name to its seconds."""


@dataclass(slots=True)
class _Step:
    """A running step."""

    name: str
    title: str
    began: float
    detail: str = ""
    done: int = 0
    total: int | None = None
    counts: Counter[Action] = field(default_factory=Counter)


class LiveProgress:
    """An observer that redraws what runs; it may be told of events by any thread.

    While it `foresees`, until it was suspended for a question, successes leave no line: a check
    mark would say that something was done.
    """

    def __init__(
        self,
        console: Console,
        look: Look,
        *,
        foresees: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.notes: list[Note] = []
        self._console = console
        self._look = look
        self._foresees = foresees
        self._has_printed = False
        self._clock = clock
        self._lock = threading.RLock()
        self._steps: dict[str, _Step] = {}
        self._names = 0
        self._titles = 0
        self._live: Live | None = None

    def __enter__(self) -> Self:
        self._live = Live(
            self,
            console=self._console,
            refresh_per_second=REFRESHES,
            transient=True,
            redirect_stdout=False,  # it may be a file, and results are none of this
            redirect_stderr=True,  # a library's warning goes above the display, not into it
        )
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()
        self._live = None
        if self._has_printed:
            self._console.print()
            self._has_printed = False

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Wipe the display and leave the terminal alone, to ask something."""
        self.__exit__()
        yield
        self._foresees = False
        self.__enter__()

    def notify(self, event: Event) -> None:
        """Take an event into the picture, or print the line that stays of it."""
        with self._lock:
            line = self._take(event)
        if line:
            # Not under our lock: the refreshing thread takes rich's lock first, then ours.
            with suppress(OSError):  # nobody looks any more; the work goes on
                self._console.print(line, soft_wrap=True)
            self._has_printed = True

    def __rich__(self) -> Group:
        return self.picture()

    def picture(self) -> Group:
        """Return a line for each running step, as of now; drawn anew whenever a line is printed."""
        with self._lock:
            return Group(*(self._running_line(step) for step in self._steps.values()))

    def _take(self, event: Event) -> Text | None:
        if isinstance(event, StepStarted):
            self._start(event)
        elif isinstance(event, StepFinished):
            return self._finish(event)
        elif isinstance(event, Note):
            return note_line(event)
        elif event.step in self._steps:
            return self._go_on(self._steps[event.step], event)
        return None

    def _start(self, event: StepStarted) -> None:
        self._steps[event.step] = _Step(event.step, event.title, self._clock())
        self._names = max(self._names, Text(event.step).cell_len)
        self._titles = max(self._titles, Text(event.title).cell_len)

    def _go_on(self, step: _Step, event: StepAdvanced | ChangeSeen) -> Text | None:
        if isinstance(event, ChangeSeen):
            step.counts[event.change.action] += 1
            return None
        news = event.detail != step.detail
        step.detail, step.done, step.total = event.detail, event.done, event.total
        if not (news and self._look.verbose):
            return None
        return self._start_of_line(step, " ", "").append(f"  {event.detail}")

    def _finish(self, event: StepFinished) -> Text | None:
        step = self._steps.pop(event.step, None)
        # What did not even have to start is counted in the summary.
        if step is None or (self._foresees and event.outcome in WELL):
            return None
        detail = event.detail.splitlines()[0] if event.detail else ""
        counts = counts_text(step.counts, self._look.glyphs)
        if event.outcome is Outcome.FAILED or not counts:
            counts = Text(detail or event.outcome.value)
        glyph = self._look.glyphs.outcome(event.outcome)
        seconds = Text(duration(event.seconds), style=QUIET)
        return self._line(step, glyph, OUTCOME_STYLES[event.outcome], counts, seconds)

    def _running_line(self, step: _Step) -> Text:
        elapsed = self._clock() - step.began
        spinner = self._look.glyphs.spinner
        frame = spinner[int(elapsed * REFRESHES) % len(spinner)]
        count = f"{step.done}/{step.total}" if step.total else str(step.done or "")
        end = Text(f"{count:>5}  {int(elapsed):>4} s", style=QUIET)
        return self._line(step, frame, SPINNING, Text(step.detail), end)

    def _line(self, step: _Step, glyph: str, style: str, detail: Text, end: Text) -> Text:
        start = self._start_of_line(step, glyph, style)
        # One cell stays free: a full line makes some terminals wrap.
        room = self._console.width - start.cell_len - end.cell_len - 5
        width = min(max(room, LEAST_DETAIL), MOST_DETAIL)
        detail = detail.copy()
        detail.truncate(width, overflow="ellipsis" if self._look.unicode else "crop", pad=True)
        line = aligned([(start, detail, end)])[0]
        line.truncate(self._console.width - 1, overflow="crop")
        return line

    def _start_of_line(self, step: _Step, glyph: str, style: str) -> Text:
        start = Text.assemble((glyph, style), " ", (step.name, HEADING))
        start.pad_right(self._names + 2 - start.cell_len)
        start.append(f"  {step.title}")
        start.pad_right(self._names + self._titles + 4 - start.cell_len)
        return start
