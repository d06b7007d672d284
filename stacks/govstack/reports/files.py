"""Writes a report to a file: all of it, or nothing."""

import os
import secrets
from pathlib import Path

from govstack.errors import ReportUnwritable


def write_report(path: Path, text: str) -> int:
    """Write a file, in the place of one that is there, and return its size in bytes.

    Raises:
        ReportUnwritable: the path is no file's, or its folder cannot be written to.
    """
    if path.is_dir():
        raise ReportUnwritable(
            f"{path} is a folder", hint=f"name a file in it: {path / 'topology.svg'}"
        )
    if path.exists() and not path.is_file():
        raise ReportUnwritable(
            f"{path} is no file", hint="leave the option away to write to standard output"
        )
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    content = text.encode()
    try:
        _write(temporary, content)
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise ReportUnwritable(
            f"{path} cannot be written: {error.strerror}",
            hint="name a file in a folder that is there and that you may write to",
        ) from error
    return len(content)


def _write(path: Path, content: bytes) -> None:
    # Bytes, since the line ends of tables are to stay as they are.
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
