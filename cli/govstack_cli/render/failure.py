"""Errors as text: every problem where it is, then what is wrong, then what to do next."""

from rich.text import Text

from govstack.values.observer import Level, Note
from govstack_cli.failure import Failure
from govstack_cli.render.look import BAD, CAREFUL, HEADING, NEXT


def failure_lines(failure: Failure) -> list[Text]:
    """Return a failure's lines."""
    lines: list[Text] = []
    for problem in failure.problems:
        subject = f"{problem.path}: " if problem.path else ""
        lines.append(Text.assemble((f"{problem.where}:", HEADING), f" {subject}{problem.text}"))
        lines += hint_lines(problem.hint, indent=4)
    return [*lines, *error_lines(failure.message, failure.hint)]


def error_lines(message: str, hint: str = "") -> list[Text]:
    """Return an error with its hint; further lines of the message are indented."""
    first, *others = message.splitlines() or [""]
    lines = [Text.assemble(("error:", BAD), f" {first}")]
    lines += [Text(f"       {line}") for line in others]
    return [*lines, *hint_lines(hint)]


def hint_lines(hint: str, *, indent: int = 1) -> list[Text]:
    """Return a hint, if there is one."""
    if not hint:
        return []
    first, *others = hint.splitlines()
    blanks = " " * indent
    lines = [Text.assemble(blanks, ("hint:", NEXT), f" {first}")]
    return lines + [Text(f"{blanks}      {line}") for line in others]


def note_line(note: Note) -> Text:
    """Return a note with its level."""
    word, style = ("warning:", CAREFUL) if note.level is Level.WARNING else ("note:", NEXT)
    return Text.assemble((word, style), f" {note.text}")
