"""One run at a time may change an environment.

The kernel drops the lock when its holder dies, so no lock outlives a crash.
"""

import fcntl
import getpass
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from govstack.errors import Locked
from govstack.state.files import private_folder


@contextmanager
def held(path: Path, reason: str) -> Iterator[None]:
    """Hold the lock in this file while the body runs; `reason` is shown to others.

    Raises:
        Locked: another process holds it; the message names who, since when and why.
    """
    private_folder(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _locked(descriptor) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(_owner(reason)).encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _owner(reason: str) -> dict[str, str]:
    return {
        "user": getpass.getuser(),
        "host": socket.gethostname(),
        "pid": str(os.getpid()),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
        "reason": reason,
    }


def _locked(descriptor: int) -> Locked:
    try:
        owner = json.loads(os.pread(descriptor, 4096, 0))
        who = (
            f"{owner['user']}@{owner['host']} (process {owner['pid']}) "
            f"since {owner['since']}: {owner['reason']}"
        )
    except (ValueError, KeyError):
        who = "another run"
    return Locked(
        f"the environment is locked by {who}", hint="wait until that run has ended, then try again"
    )
