"""One difference of whatever kind: a cloud resource, a file on a host, a setting, a row."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What sort of thing differs."""

    RESOURCE = "resource"
    FILE = "file"
    SETTING = "setting"
    ROW = "row"


class Action(StrEnum):
    """What happens to the thing."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    READ = "read"
    SAME = "same"


class Risk(StrEnum):
    """What the change can cost, from nothing to data."""

    NONE = "none"
    INTERRUPTION = "interruption"
    DATA_LOSS = "data-loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference, with its cause (the properties that force it) and its risk."""

    kind: Kind
    action: Action
    layer: str
    system: str
    type: str
    name: str
    cause: tuple[str, ...] = ()
    risk: Risk = Risk.NONE

    @property
    def is_effective(self) -> bool:
        """Tell whether anything differs at all."""
        return self.action not in {Action.SAME, Action.READ}


def count(changes: tuple[Change, ...] | list[Change]) -> dict[str, int]:
    """Count the effective changes by action, in the order of `Action`."""
    counts = {action.value: 0 for action in Action}
    for change in changes:
        counts[change.action.value] += 1
    return {
        name: number
        for name, number in counts.items()
        if number and name not in {Action.SAME, Action.READ}
    }
