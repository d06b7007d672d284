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
        re.compile(r"secrets \(code=\w+\): |open keeper hashivault:"),
        "the key manager did not open the key of the state for the engine",
        "see that it runs, that it is not sealed, and that its token has not ended meanwhile; "
        "then run the same command again",
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


ERROR_HINT = (
    "see why from the fault (capacity, image, flavor), then run the same command again: "
    "what is in error is made anew"
)
WAIT_HINT = (
    "ask the cloud's operator what it is waiting for; limits.settle_seconds of the environment "
    "says how long we wait"
)
CALL_HINT = (
    "ask the cloud's operator about the request; limits.patience_seconds of the environment "
    "says for how long calls are repeated"
)
TOLD = (
    (re.compile(r"nova's fault:|unexpected state 'ERROR'"), ERROR_HINT),
    (re.compile(r"timeout while waiting for state"), WAIT_HINT),
    (re.compile(r"no answer to |\((?:429|50[0234]) to "), CALL_HINT),
)
"""Failures that are told as they are, and what to do about them."""

PASSING = re.compile(r"no answer to |\((?:409|429|50[0234]) to ")
"""How errors read that may be others another time."""

WORN = "until patience ended"
"""How the provider says that it has tried for as long as it may: so would another attempt."""

LASTING = re.compile(r"quota|already|duplicate|in use", re.IGNORECASE)
"""How conflicts read that no waiting resolves."""

SHOWN = 3
"""How many of a stack's errors are told; more of them seldom have another cause."""


def explain(output: str, errors: list[str]) -> tuple[str, str]:
    """Return (what went wrong, what to do) from the CLI's output and the operation's errors."""
    everything = "\n".join([output, *errors])
    for known in KNOWN:
        if known.pattern.search(everything):
            return known.text, known.hint
    if errors:
        hint = next((hint for pattern, hint in TOLD if pattern.search(everything)), "")
        return _told(list(dict.fromkeys(errors))), hint
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [line for line in lines if "error:" in line] or lines[-1:]
    return "; ".join(told) or "the engine ended without a word", ""


def passes(errors: list[str]) -> bool:
    """Tell whether all that went wrong may go well another time."""
    return bool(errors) and all(
        PASSING.search(error)
        and WORN not in error
        and not ("(409 to " in error and LASTING.search(error))
        for error in errors
    )


def _told(errors: list[str]) -> str:
    more = len(errors) - SHOWN
    return "; ".join([*errors[:SHOWN], *([f"and {more} more errors"] if more > 0 else [])])
