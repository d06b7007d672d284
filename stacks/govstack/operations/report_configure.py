"""What `configure` reports, as data."""

from dataclasses import dataclass
from typing import ClassVar

from govstack.errors import ConfigureFailed
from govstack.values.change import Change
from govstack.values.observer import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReport:
    """A task that changed something on a host, or would; `diff` says what, if that was asked."""

    role: str
    task: str
    diff: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredHost:
    """What was done to a host.

    Attributes:
        outcome: done, unchanged (it is as it was left), failed, or skipped (another one failed
            before its turn).
        tasks: that changed something.
        changes: the same as changes.
        role: in which it failed, empty if in none.
        task: in which it failed.
        error: why.
        hint: the command that looks further.
    """

    name: str
    system: str
    system_name: str
    layer: str
    outcome: Outcome
    seconds: float = 0.0
    tasks: tuple[TaskReport, ...] = ()
    changes: tuple[Change, ...] = ()
    role: str = ""
    task: str = ""
    error: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A host that failed, in the words of an error."""

    id: str
    name: str
    error: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigureReport:
    """One execution of `configure` over the hosts that it selected.

    Attributes:
        check: whether nothing was changed, only looked at.
        hosts: in the order of the plan.
        folder: where what was run is kept, and what it did; empty if nothing was.
        confirmed: False if the user declined; hosts that would have been run are left out.
    """

    failure_code: ClassVar[str] = ConfigureFailed.code

    site: str
    name: str
    environment: str
    seconds: float
    check: bool
    hosts: tuple[ConfiguredHost, ...]
    folder: str = ""
    confirmed: bool = True

    @property
    def failures(self) -> tuple[Failing, ...]:
        """Return the hosts that failed, without those that were only skipped."""
        return tuple(
            Failing(
                id=host.name,
                name=": ".join(part for part in (host.role, host.task) if part)
                or "cannot be configured",
                error=host.error,
                hint=host.hint,
            )
            for host in self.hosts
            if host.outcome is Outcome.FAILED
        )
