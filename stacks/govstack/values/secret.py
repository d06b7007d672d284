"""A secret that cannot be printed by accident."""

from dataclasses import dataclass
from typing import Final

MASK: Final = "***"


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """Text that renders as ``***``; `reveal` is the only way to the clear text."""

    _text: str

    def reveal(self) -> str:
        """Return the clear text, for the one call that needs it."""
        return self._text

    def __str__(self) -> str:
        return MASK

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)
