"""Progress as values: what happens goes to an observer, who shows, counts or stores it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from govstack.values.change import Change


class Outcome(StrEnum):
    """How a step ended."""

    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    SKIPPED = "skipped"


class Level(StrEnum):
    """How much a note matters."""

    INFO = "info"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step began; `step` identifies it in later events, `title` is for people."""

    step: str
    title: str


@dataclass(frozen=True, slots=True)
class StepAdvanced:
    """A step went on; `total` is None while nobody knows it."""

    step: str
    detail: str
    done: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A step ended; `seconds` is wall-clock time."""

    step: str
    outcome: Outcome
    seconds: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ChangeSeen:
    """A change was planned or carried out by the step of this name."""

    step: str
    change: Change


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth a line, outside of any step."""

    text: str
    level: Level = Level.INFO


Event = StepStarted | StepAdvanced | StepFinished | ChangeSeen | Note


class Observer(Protocol):
    """Whoever wants to know what happens."""

    def notify(self, event: Event) -> None:
        """Take note of one event; must not raise."""
        ...


class Silent:
    """An observer that takes no notice."""

    def notify(self, event: Event) -> None:
        """Ignore the event."""
