"""The one boundary for errors: whatever happens becomes a message and an exit code here."""

import os
from collections.abc import Sequence

import click

from govstack_cli.envelope import envelope, to_json
from govstack_cli.failure import failure_of
from govstack_cli.group import VERB, verb_of
from govstack_cli.options import META
from govstack_cli.settings import OUTPUT_VARIABLE, PROGRAM, Color, Output
from govstack_cli.terminal import (
    BROKEN_PIPE_EXIT,
    OutputClosed,
    discard_output,
    speaks_unicode,
    writing_output,
)


def run(command: click.Command, args: Sequence[str]) -> int:
    """Run a command with its arguments and return the exit code.

    Not by click's own `main`: it takes every end of file and broken pipe, be it from deep
    inside an operation, for the user's wish to stop.
    """
    meta: dict[str, object] = {}
    try:
        try:
            with command.make_context(PROGRAM, list(args)) as context:
                meta = context.meta
                return int(command.invoke(context) or 0)
        except click.exceptions.Exit as end:
            return end.exit_code
        except OutputClosed:
            raise
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the boundary
            return _tell(error, meta, args)
    except OutputClosed:
        discard_output()
        return BROKEN_PIPE_EXIT


def _tell(error: BaseException, meta: dict[str, object], args: Sequence[str]) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return error.exit_code
    failure = failure_of(error)
    if meta.get(f"{META}output") == Output.JSON or _asks_for_json(args):
        document = envelope(_verb(error, meta), None, exit_code=failure.exit_code, failure=failure)
        with writing_output() as stream:
            stream.write(to_json(document, unicode=speaks_unicode(stream)))
    else:
        from govstack_cli.render.screen import show_failure  # noqa: PLC0415 - rich

        show_failure(failure, Color(str(meta.get(f"{META}color", Color.AUTO))))
    return failure.exit_code


def _verb(error: BaseException, meta: dict[str, object]) -> str:
    if isinstance(error, click.UsageError) and error.ctx:
        return verb_of(error.ctx)
    return str(meta.get(VERB, ""))


def _asks_for_json(args: Sequence[str]) -> bool:
    """Tell whether JSON was asked for in a command line that could not be parsed to its end."""
    own = list(args[: args.index("--")]) if "--" in args else list(args)
    for position, word in enumerate(own):
        if word in {"-o", "--output"} and own[position + 1 : position + 2]:
            return own[position + 1].lower() == Output.JSON
        if word.lower() in {"-ojson", "--output=json"}:
            return True
    return os.environ.get(OUTPUT_VARIABLE, "").lower() == Output.JSON
