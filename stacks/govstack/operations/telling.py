"""Tells an observer of the engine's messages about a stack."""

from govstack.engine.job import Progress, StackResult
from govstack.values.change import Change, count
from govstack.values.observer import (
    ChangeSeen,
    Observer,
    Outcome,
    StepAdvanced,
    StepFinished,
    StepStarted,
)


def tell(
    observer: Observer, system: str, name: str, message: Progress | StackResult | None
) -> None:
    """Tell of a stack's start (None), its progress or its end."""
    if message is None:
        observer.notify(StepStarted(system, name))
    elif isinstance(message, Progress):
        observer.notify(ChangeSeen(system, message.change))
        observer.notify(StepAdvanced(system, _short(message.change), message.done))
    else:
        ended = StepFinished(system, outcome_of(message), message.seconds, _summary(message))
        observer.notify(ended)


def outcome_of(result: StackResult) -> Outcome:
    """Return how a stack's run ended, in the words of the observer."""
    if result.skipped:
        return Outcome.SKIPPED
    if result.error:
        return Outcome.FAILED
    return Outcome.DONE if result.changes else Outcome.UNCHANGED


def _short(change: Change) -> str:
    return f"{change.action} {change.type.rsplit(':', 1)[-1]} {change.name}"


def _summary(result: StackResult) -> str:
    if result.error:
        return result.error
    return ", ".join(f"{number} {action}" for action, number in count(result.changes).items())
