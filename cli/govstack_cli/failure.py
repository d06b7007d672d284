"""Errors as data: what went wrong, its codes, and what to do next."""

import errno
import os
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from govstack.errors import CapacityExceeded, GovstackError, Interrupted, Problem, SiteInvalid
from govstack_cli.group import verb_of
from govstack_cli.settings import PROGRAM, state_home

OWN_EXIT: Final = 1
DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An error as text and JSON show it; `problems` are the site's mistakes, if any."""

    code: str
    exit_code: int
    message: str
    hint: str = ""
    problems: tuple[Problem, ...] = ()


def failure_of(error: BaseException) -> Failure:
    """Return what to tell of an error; the traceback of an unexpected one goes to a file."""
    if isinstance(error, GovstackError):
        return _expected(error)
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return _expected(Interrupted("stopped by the user"))
    if isinstance(error, click.ClickException):
        return _misused(error)
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        return _expected(_disk_full(error))
    return _unexpected(error)


def relative(path: str, here: Path | None = None) -> str:
    """Return a path as one would type it: relative if it lies below the current folder."""
    here = here or Path.cwd()
    absolute = here / path
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else path


def _expected(error: GovstackError) -> Failure:
    problems = error.problems if isinstance(error, SiteInvalid) else ()
    return Failure(
        code=error.code,
        exit_code=error.exit_code,
        message=str(error),
        hint=error.hint,
        problems=tuple(replace(problem, file=relative(problem.file)) for problem in problems),
    )


def _disk_full(error: OSError) -> CapacityExceeded:
    place = f" for {error.filename}" if error.filename else ""
    return CapacityExceeded(
        f"no space is left on the disk{place}",
        hint="free some space, then run the same command again; nothing that was written is lost",
    )


def _misused(error: click.ClickException) -> Failure:
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = f"{PROGRAM} {verb_of(context)}".strip() if context else PROGRAM
    return Failure(
        code="usage",
        exit_code=error.exit_code,
        message=error.format_message(),
        hint=f"see {path} --help",
    )


def _unexpected(error: BaseException) -> Failure:
    kind = type(error).__name__
    summary = "".join(traceback.format_exception_only(error)).strip().splitlines()[0]
    try:
        place = f"the traceback is in {_write_traceback(error)}"
    except OSError as refusal:
        place = f"the traceback could not be written: {refusal}"
    return Failure(
        code="internal",
        exit_code=OWN_EXIT,
        message=f"{PROGRAM} met something that it does not know: {summary or kind}",
        hint=f"{place}; please report it with that file",
    )


def _write_traceback(error: BaseException) -> Path:
    text = "".join(traceback.format_exception(error))
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    for folder in _crash_folders():
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return _create(folder / name, text)
        except OSError:
            continue
    import tempfile  # noqa: PLC0415 - only where all else has failed

    handle, path = tempfile.mkstemp(prefix=f"{PROGRAM}-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return Path(path)


def _crash_folders() -> Sequence[Path]:
    try:
        return (state_home() / "crashes",)
    except RuntimeError:
        return ()  # there is no home


def _create(path: Path, text: str) -> Path:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return path
