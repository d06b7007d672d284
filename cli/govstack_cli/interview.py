"""The questions of `init`: what options said is checked first, the rest is asked or taken."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from govstack_cli.ask import answer, require_terminal

if TYPE_CHECKING:
    from govstack.operations.init import Question

Said = Mapping[str, tuple[str, ...]]
Check = Callable[["Question", tuple[str, ...]], None]

SEPARATOR: Final = re.compile(r"\s*[,，、;；]\s*")
"""What people write between several things."""

INVITATION: Final = "Enter takes what is in brackets; nothing is written before the last answer."


def texts_of(answer: str) -> tuple[str, ...]:
    """Return the things that an answer lists."""
    return tuple(text for text in SEPARATOR.split(answer.strip()) if text)


def interview(
    given: Said, place: Callable[[str], Path], *, yes: bool
) -> dict[str, tuple[str, ...]]:
    """Return an answer to every question that matters.

    Args:
        given: what options said, by the keys of questions.
        place: gives the folder of a site by its id; nothing may be there.
        yes: whether defaults hold for what no option says.

    Raises:
        AnswerRefused, SiteExists: an option says what cannot be.
        click.UsageError: there is nobody to ask.
        click.Abort: the user does not want to go on.
    """
    from govstack.operations.init import QUESTIONS, check_folder  # noqa: PLC0415 - help is instant

    def check(question: "Question", texts: tuple[str, ...]) -> None:
        question.check(texts)
        if question.key == "id":
            check_folder(place(texts[0]))

    for question in QUESTIONS:
        if question.key in given:
            check(question, given[question.key])
    if not yes:
        require_terminal("give --yes to take defaults for what no option says")
        click.echo(INVITATION, err=True)
    find = _taken if yes else _asked
    said: dict[str, tuple[str, ...]] = {}
    for question in QUESTIONS:
        if question.key in given:
            said[question.key] = given[question.key]
        else:
            matters = question.is_asked(said)
            said[question.key] = find(question, said, check) if matters else ()
    return said


def _taken(question: "Question", said: Said, check: Check) -> tuple[str, ...]:
    texts = question.default(said)
    check(question, texts)
    return texts


def _asked(question: "Question", said: Said, check: Check) -> tuple[str, ...]:
    def texts(text: str) -> tuple[str, ...]:
        return texts_of(text) if question.several else (text,)

    default = ", ".join(question.default(said))
    return texts(answer(question.text, default, lambda text: check(question, texts(text))))
