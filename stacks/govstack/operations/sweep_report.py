"""What `sweep` reports, as data."""

from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What became of something that no state knows."""

    FOUND = "found"
    REMOVED = "removed"
    KEPT = "kept"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SweptThing:
    """One thing in the cloud that is ours and in no state.

    Attributes:
        kind: what it is: ``server``, ``port``.
        project: the name of the project that it is in.
        within: the id of what it is part of, empty for most.
        reason: why it was kept, or could not be removed.
    """

    kind: str
    name: str
    id: str
    project: str
    within: str = ""
    fate: Fate = Fate.FOUND
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """All that was found, in the order in which it is removed."""

    site: str
    name: str
    environment: str
    things: tuple[SweptThing, ...]
    confirmed: bool = True
    checked: bool = False

    def having(self, *fates: Fate) -> tuple[SweptThing, ...]:
        """Return the things of these fates."""
        return tuple(each for each in self.things if each.fate in fates)
