"""Writes several files at once: all of them, or none."""

import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from govstack.errors import FilesUnwritable


@dataclass(frozen=True, slots=True)
class NewText:
    """What a file is to say; with another `new_path` it is moved there."""

    path: Path
    new_path: Path
    text: str


def replace_files(files: Sequence[NewText]) -> None:
    """Give files another text or path; what fails half-way is undone.

    Every text is on the disk under a temporary name before the first file changes.

    Raises:
        FilesUnwritable: something could not be written; nothing has changed.
    """
    try:
        with ExitStack() as undo:
            temporaries = {}
            for file in files:
                name = f".{file.new_path.name}.{secrets.token_hex(4)}"
                temporary = file.new_path.with_name(name)
                undo.callback(temporary.unlink, missing_ok=True)
                _write(temporary, file.text, like=file.path)
                temporaries[file.new_path] = temporary
            for path in dict.fromkeys(
                path for file in files for path in (file.path, file.new_path)
            ):
                undo.callback(_restore, path, path.read_bytes() if path.exists() else None)
            for path, temporary in temporaries.items():
                temporary.replace(path)
            for file in files:
                if file.path not in temporaries:
                    file.path.unlink()
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


def write_folder(folder: Path, texts: Mapping[str, str]) -> None:
    """Write new files below a folder, by their paths; if one fails, all of them go again.

    Raises:
        FilesUnwritable: something could not be written, or was there already.
    """
    try:
        with ExitStack() as undo:
            for name, text in texts.items():
                path = folder / name
                for parent in reversed([p for p in path.parents if not p.exists()]):
                    parent.mkdir()
                    undo.callback(parent.rmdir)
                _write(path, text, like=None)
                undo.callback(path.unlink)
            undo.pop_all()
    except OSError as error:
        raise FilesUnwritable(
            f"{error.filename or folder} cannot be written: {error.strerror}",
            hint="nothing of it was left; check the folder's mode and the disk's room",
        ) from error
