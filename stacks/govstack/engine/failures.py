"""Why an operation failed, in words that say what to do next."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """A failure that the engine words badly: how to recognise it, and how to say it."""

    pattern: re.Pattern[str]
    text: str
    hint: str


KNOWN = (
    Known(
        re.compile(r"incorrect passphrase|PULUMI_CONFIG_PASSPHRASE", re.IGNORECASE),
        "the passphrase does not fit this environment's state",
        "restore the passphrase file that the state was made with",
    ),
    Known(
        re.compile(r"failed to load checkpoint|could not deserialize|invalid character '"),
        "the engine cannot read the stack's state",
        "restore the checkpoint from the .bak file beside it",
    ),
    Known(
        re.compile(r"the stack is currently locked"),
        "the stack is locked by an operation that did not end",
        "make sure that nothing runs, then: govstack pulumi LAYER/SYSTEM -- cancel --yes",
    ),
    Known(
        re.compile(r"pending operations|interrupted while being deployed"),
        "an earlier operation was interrupted and its end is not known",
        "govstack pulumi LAYER/SYSTEM -- refresh --yes",
    ),
    Known(
        re.compile(r"it is currently marked for protection|is protected"),
        "it would delete something that holds data, and this was not foreseen",
        "look again with govstack preview; if the data may go: govstack up --allow-delete N",
    ),
    Known(
        re.compile(r"no space left on device"),
        "no space is left on the disk",
        "free some space, then run the same command again",
    ),
)


SHOWN = 3
"""How many of a stack's errors are told; more of them seldom have another cause."""


def explain(output: str, errors: list[str]) -> tuple[str, str]:
    """Return (what went wrong, what to do) from the CLI's output and the operation's errors."""
    everything = "\n".join([output, *errors])
    for known in KNOWN:
        if known.pattern.search(everything):
            return known.text, known.hint
    if errors:
        return _told(list(dict.fromkeys(errors))), ""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [line for line in lines if "error:" in line] or lines[-1:]
    return "; ".join(told) or "the engine ended without a word", ""


def _told(errors: list[str]) -> str:
    more = len(errors) - SHOWN
    return "; ".join([*errors[:SHOWN], *([f"and {more} more errors"] if more > 0 else [])])
