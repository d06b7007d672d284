"""Writes several files at once: all of them, or none."""

import os
import secrets
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from govstack.errors import GovstackError


class FilesUnwritable(GovstackError):
    """The site's files could not be changed; they are as they were."""

    code = "files"
    exit_code = 3


def replace_files(texts: Mapping[Path, str], removed: tuple[Path, ...] = ()) -> None:
    """Write these files and remove others; what fails half-way is undone.

    Every text is on the disk under a temporary name before the first file changes.

    Raises:
        FilesUnwritable: something could not be written; nothing has changed.
    """
    try:
        with ExitStack() as undo:
            temporaries = {}
            for path, text in texts.items():
                temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
                undo.callback(temporary.unlink, missing_ok=True)
                _write(temporary, text, like=path if path.exists() else next(iter(removed), None))
                temporaries[path] = temporary
            for path in (*texts, *removed):
                undo.callback(_restore, path, path.read_bytes() if path.exists() else None)
            for path, temporary in temporaries.items():
                temporary.replace(path)
            for path in removed:
                path.unlink()
            undo.pop_all()
    except OSError as error:
        raise FilesUnwritable(
            f"{error.filename or 'a file'} cannot be written: {error.strerror}",
            hint="nothing was changed; check the modes of the site's folders and the disk's room",
        ) from error


def _write(path: Path, text: str, like: Path | None) -> None:
    """Write a file through to the disk, with the mode of another."""
    # Bytes, since line ends are to stay as they are.
    with path.open("xb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    if like is not None:
        shutil.copymode(like, path)


def _restore(path: Path, content: bytes | None) -> None:
    """Make a file what it was, if it is not; None is no file."""
    if content is None:
        path.unlink(missing_ok=True)
    elif not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)
