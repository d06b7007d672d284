"""The JSON form of every result and error: one envelope of a fixed shape, with a version."""

import json
from collections.abc import Iterable
from typing import Final

from govstack.values.observer import Note
from govstack_cli.failure import Failure

FORMAT: Final = "govstack/1"
"""Changes when a reader of the envelope would have to change."""

CHANGES_EXIT: Final = 8
"""Not a failure: `preview --exit-code` found changes."""


def envelope(
    verb: str,
    data: object,
    *,
    exit_code: int = 0,
    failure: Failure | None = None,
    notes: Iterable[Note] = (),
) -> dict[str, object]:
    """Return the envelope of one execution of a verb; `data` is reduced, secrets are masked."""
    from govstack.values.digest import plain  # noqa: PLC0415 - text and help need no hashes

    return {
        "format": FORMAT,
        "verb": verb,
        "ok": exit_code in {0, CHANGES_EXIT},
        "exit_code": exit_code,
        "data": plain(data),
        "error": plain(_error(failure)) if failure else None,
        "notes": [{"level": note.level.value, "text": note.text} for note in notes],
    }


def to_json(value: object, *, unicode: bool) -> str:
    """Return a value as indented JSON with a line end; `unicode` leaves Chinese readable."""
    return json.dumps(value, ensure_ascii=not unicode, indent=2) + "\n"


def _error(failure: Failure) -> dict[str, object]:
    return {
        "code": failure.code,
        "message": failure.message,
        "hint": failure.hint,
        "problems": failure.problems,
    }
