"""Let one process at a time build what all share."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from govstack.values.observer import Note, Observer


@contextmanager
def one_at_a_time(path: Path, observer: Observer) -> Iterator[None]:
    """Hold the lock in this file while the body runs; wait for others, and say so."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            observer.notify(Note("Waiting for another govstack, which installs OpenStack"))
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
