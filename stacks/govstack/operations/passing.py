"""A folder for what must not stay: in memory where that can be, and gone once the work is done."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

NAME: Final = "govstack-passing"
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of our own is made there, mode 0700


@contextmanager
def passing_folder() -> Iterator[Path]:
    """Lend a new folder of mode 0700; those of processes that died are removed as well."""
    home = MEMORY if os.access(MEMORY, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
    for left in home.glob(f"{NAME}-{os.getuid()}-*"):
        _sweep(left)
    folder = Path(tempfile.mkdtemp(prefix=f"{NAME}-{os.getuid()}-{os.getpid()}-", dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(folder: Path) -> None:
    with suppress(OSError, ValueError):
        if folder.lstat().st_uid == os.getuid() and not _lives(int(folder.name.split("-")[3])):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
