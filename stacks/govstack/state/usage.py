"""Who on this machine uses a working copy: many may read it, one alone may exchange it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from govstack.state.files import private_folder


class Usage:
    """One use of the copy; the kernel ends it when its process dies."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @contextmanager
    def alone(self, *, waits: bool) -> Iterator[bool]:
        """Yield whether nobody else uses the copy while the body runs.

        Args:
            waits: whether to wait until the others have ended.
        """
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
            is_alone = True
        except BlockingIOError:
            is_alone = False
        try:
            yield is_alone
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)


@contextmanager
def in_use(path: Path) -> Iterator[Usage]:
    """Use the copy that this file stands for while the body runs."""
    private_folder(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield Usage(descriptor)
    finally:
        os.close(descriptor)
