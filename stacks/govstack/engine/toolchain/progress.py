"""What the observer hears of one program: a step that begins, goes on and always ends."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from govstack.values.observer import (
    Level,
    Note,
    Observer,
    Outcome,
    StepAdvanced,
    StepFinished,
    StepStarted,
)

INTERVAL_SECONDS = 0.2


@dataclass(slots=True)
class Step:
    """One step under way."""

    observer: Observer
    name: str
    title: str
    outcome: Outcome = Outcome.DONE
    detail: str = ""
    _last: float = field(default=0.0, repr=False)

    def advance(self, detail: str, done: int = 0, total: int | None = None) -> None:
        """Tell how far the step is; more often than five times a second is passed over."""
        now = time.monotonic()
        if now - self._last >= INTERVAL_SECONDS or done == total:
            self._last = now
            self.observer.notify(StepAdvanced(self.name, detail, done, total))

    def note(self, text: str, level: Level) -> None:
        """Tell something that the user should know besides."""
        self.observer.notify(Note(f"{self.title} {text}", level))


@contextmanager
def step(observer: Observer, name: str, title: str) -> Iterator[Step]:
    """Tell the observer of a step; the body sets its outcome and detail."""
    started = time.monotonic()
    current = Step(observer, name, title)
    observer.notify(StepStarted(name, title))
    try:
        yield current
    except BaseException:
        current.outcome = Outcome.FAILED
        raise
    finally:
        seconds = time.monotonic() - started
        observer.notify(StepFinished(name, current.outcome, seconds, current.detail))
