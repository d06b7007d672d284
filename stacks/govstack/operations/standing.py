"""How a stack stands against its record: as it was left, or what is different since."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from govstack.operations.fingerprint import OURS, Fingerprint
from govstack.operations.moves import has_moved
from govstack.plan.model import StackPlan
from govstack.state.records import Record


class Stand(StrEnum):
    """What is known of a stack before anybody asks the engine."""

    UNCHANGED = "unchanged"
    NEVER_RUN = "never-run"
    UNFINISHED = "unfinished"
    MOVED = "moved"
    CHANGED = "changed"
    TOUCHED = "touched"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a stack stands; `parts` names the parts of its inputs that are others than before."""

    stand: Stand
    parts: tuple[str, ...] = ()

    @property
    def is_unchanged(self) -> bool:
        """Tell whether there is no need to run it."""
        return self.stand is Stand.UNCHANGED

    @property
    def has_site_changes(self) -> bool:
        """Tell whether the site asks for something that the last run did not make.

        Another govstack, or a checkpoint that was touched, is no change of the site.
        """
        if self.stand is Stand.CHANGED:
            return not OURS.issuperset(self.parts) or not self.parts
        return self.stand not in {Stand.UNCHANGED, Stand.TOUCHED}


def standing(
    plan: StackPlan, record: Record | None, made: Fingerprint, checkpoint: Callable[[], str]
) -> Standing:
    """Compare a stack with its record.

    Args:
        plan: the stack as planned.
        record: what is known of it, if anything.
        made: the fingerprint of its inputs now.
        checkpoint: returns the digest of its checkpoint; asked only where the rest is the same.
    """
    if record is None:
        return Standing(Stand.NEVER_RUN)
    if not record.finished:
        return Standing(Stand.UNFINISHED)
    if has_moved(plan, record):
        return Standing(Stand.MOVED)
    if record.inputs != made.total:
        return Standing(Stand.CHANGED, _differing(record.parts, made.parts))
    if record.checkpoint != checkpoint():
        return Standing(Stand.TOUCHED)
    return Standing(Stand.UNCHANGED)


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of parts that differ; none if nothing was kept of the old ones."""
    if not old:
        return ()
    names = [*new, *(name for name in old if name not in new)]
    return tuple(name for name in names if old.get(name) != new.get(name))
