"""Put a folder of this machine into a host that runs, or take it away again.

Runs in a process of its own: one with several threads may not enter a mount namespace.  The
mount is cloned here, carried along as a descriptor, and put in place inside, without the host's
help.
"""

import ctypes
import os
import sys
from pathlib import Path
from typing import Final

from govstack_sandbox.hosts.programs import run

OPEN_TREE: Final = 428
MOVE_MOUNT: Final = 429
HERE: Final = -100
CLONE: Final = 1
RECURSIVE: Final = 0x8000
FROM_DESCRIPTOR: Final = 4
CLONE_NEWNS: Final = 0x20000
DETACH: Final = 2
"""Like a disk that is pulled: what is open stays open."""


def attach(leader: int, source: str, target: str) -> None:
    """Make the folder appear at `target` inside the host with that first process."""
    run(sys.executable, "-P", "-m", __name__, str(leader), source, target)


def detach(leader: int, target: str) -> None:
    """Make what was put at `target` vanish."""
    run(sys.executable, "-P", "-m", __name__, str(leader), "", target)


def main(leader: int, source: str, target: str) -> None:
    """Do it, in this process."""
    kernel = ctypes.CDLL(None, use_errno=True)
    tree = -1
    if source:
        flags = CLONE | RECURSIVE | os.O_CLOEXEC
        tree = _checked(kernel.syscall(OPEN_TREE, HERE, source.encode(), flags))
    root = os.open(f"/proc/{leader}/root", os.O_RDONLY)
    mounts = os.open(f"/proc/{leader}/ns/mnt", os.O_RDONLY)
    _checked(kernel.setns(mounts, CLONE_NEWNS))
    os.fchdir(root)
    os.chroot(".")
    place = Path(target)
    if source:
        place.mkdir(parents=True, exist_ok=True)
        _checked(kernel.syscall(MOVE_MOUNT, tree, b"", HERE, target.encode(), FROM_DESCRIPTOR))
    elif place.is_mount():
        _checked(kernel.umount2(target.encode(), DETACH))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
