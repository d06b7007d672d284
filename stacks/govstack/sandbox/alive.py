"""Whether a cloud runs: its supervisor holds a lock that the kernel drops when it dies.

The lock belongs to the open file and not to a process.  Whoever starts a cloud takes it and hands
the open file to the supervisor, so that there is no moment in which two could start.
"""

import fcntl
import os
from pathlib import Path

from govstack.sandbox.layout import Layout


def take_lock(root: Path) -> int | None:
    """Return a descriptor that holds the cloud's lock, None if somebody else has it."""
    layout = Layout(root)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    layout.run.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(layout.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if _lock(descriptor, fcntl.LOCK_EX):
        return descriptor
    os.close(descriptor)
    return None


def is_alive(root: Path) -> bool:
    """Tell whether a supervisor runs this cloud, or somebody is about to start one."""
    try:
        descriptor = os.open(Layout(root).lock, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not _lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
