"""Questions on a terminal: asked on stderr, repeated until the answer can be, always abortable."""

from collections.abc import Callable
from typing import NoReturn

import click

from govstack.errors import GovstackError
from govstack_cli.terminal import can_ask


def require_terminal(otherwise: str) -> None:
    """Make sure that there is someone to answer.

    Raises:
        click.UsageError: there is not; `otherwise` says what to give instead.
    """
    if not can_ask():
        raise click.UsageError(
            f"there is no terminal to ask on: {otherwise}", click.get_current_context()
        )


def answer(question: str, default: str, check: Callable[[str], object]) -> str:
    """Ask until `check` raises no error; what is wrong is said at once.

    Raises:
        click.Abort: the user does not want to go on.
    """
    while True:
        try:
            text = click.prompt(question, default=default, show_default=bool(default), err=True)
        except click.Abort:
            _abort()
        try:
            check(text.strip())
        except GovstackError as error:
            click.echo(f"  {error}", err=True)
            if error.hint:
                click.echo(f"  hint: {error.hint}", err=True)
        else:
            return str(text.strip())


def agrees(question: str) -> bool:
    """Ask whether to go on; no is what holds without an answer.

    Raises:
        click.Abort: the user does not want to go on.
    """
    try:
        return click.confirm(question, err=True, prompt_suffix=" ")
    except click.Abort:
        _abort()


def _abort() -> NoReturn:
    click.echo(err=True)  # the answer's line has not been ended
    raise click.Abort
