"""How text is to look: symbols, styles, how much detail, which options hints repeat."""

from dataclasses import dataclass
from typing import Final

from govstack.values.change import Action
from govstack.values.observer import Outcome

HEADING: Final = "bold"
QUIET: Final = "dim"
GOOD: Final = "green"
CAREFUL: Final = "yellow"
RISKY: Final = "magenta"
BAD: Final = "bold red"
NEXT: Final = "cyan"

ACTION_STYLES: Final = {
    Action.CREATE: GOOD,
    Action.UPDATE: CAREFUL,
    Action.REPLACE: RISKY,
    Action.DELETE: "red",
}
OUTCOME_STYLES: Final = {
    Outcome.DONE: GOOD,
    Outcome.UNCHANGED: QUIET,
    Outcome.FAILED: BAD,
    Outcome.SKIPPED: CAREFUL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """The symbols; those of one kind are equally wide."""

    done: str
    failed: str
    unchanged: str
    skipped: str
    warning: str
    create: str
    update: str
    replace: str
    delete: str
    dot: str
    ellipsis: str
    spinner: str

    def outcome(self, outcome: Outcome) -> str:
        """Return the symbol of an outcome."""
        return str(getattr(self, outcome.value))

    def action(self, action: Action) -> str:
        """Return the symbol of an action; nothing for one that changes nothing."""
        return str(getattr(self, action.value, ""))


UNICODE: Final = Glyphs(
    done="✓",
    failed="✗",
    unchanged="=",
    skipped="○",
    warning="!",
    create="+",
    update="~",
    replace="±",
    delete="-",
    dot=" · ",
    ellipsis="…",
    spinner="⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏",
)
ASCII: Final = Glyphs(
    done="*",
    failed="x",
    unchanged="=",
    skipped="o",
    warning="!",
    create="+",
    update="~",
    replace="%",
    delete="-",
    dot=", ",
    ellipsis="...",
    spinner="|/-\\",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What renderers go by.

    Attributes:
        verbose: whether to show every detail.
        quiet: whether to leave out what is not the result.
        again: the global options that command lines in hints must repeat, with a blank before.
    """

    unicode: bool = True
    verbose: bool = False
    quiet: bool = False
    again: str = ""

    @property
    def glyphs(self) -> Glyphs:
        """Return the symbols that the stream can carry."""
        return UNICODE if self.unicode else ASCII
