"""What the standard streams can show; knows nothing of rich, so that help stays fast."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from govstack_cli.settings import Color

BROKEN_PIPE_EXIT = 141
"""What a shell reports for a program whose reader went away."""


class OutputClosed(Exception):
    """Whoever read our standard output does not want more."""


def prepare_streams() -> None:
    """Let characters that a stream cannot encode come out as question marks, not as errors."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure") and not speaks_unicode(stream):
            stream.reconfigure(errors="replace")


def speaks_unicode(stream: TextIO) -> bool:
    """Tell whether a stream's encoding can carry all that we write."""
    return (stream.encoding or "").lower().replace("-", "").startswith("utf")


def is_live(stream: TextIO) -> bool:
    """Tell whether lines on a stream can be redrawn."""
    return stream.isatty() and os.environ.get("TERM", "") not in {"", "dumb"}


def can_ask() -> bool:
    """Tell whether there is someone to answer a question."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def is_colored(stream: TextIO, choice: Color, environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether to colour what goes to a stream."""
    if choice is not Color.AUTO:
        return choice is Color.ALWAYS
    if environ.get("NO_COLOR"):
        return False
    return bool(environ.get("FORCE_COLOR")) or is_live(stream)


@contextmanager
def writing_output() -> Iterator[TextIO]:
    """Give standard output, flushed at the end.

    Raises:
        OutputClosed: nobody reads it any more.
    """
    try:
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError:
        raise OutputClosed from None


def discard_output() -> None:
    """Point standard output to nowhere, so that the interpreter's last flush is quiet."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
