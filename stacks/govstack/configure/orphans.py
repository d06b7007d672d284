"""Ends what a worker has started and not ended: Ansible's own processes detach themselves."""

import ctypes
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

SUBREAPER: Final = 36
"""Linux's PR_SET_CHILD_SUBREAPER: orphans below this process become its children."""
PARENT: Final = 1
"""Where the parent stands in ``/proc/PID/stat``, after the name."""


def adopt_orphans() -> None:
    """Become the parent of all that is started below this process, however it detaches itself."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)


def hang_up(folder: Path) -> None:
    """End the connections that ssh keeps open for a while, by their sockets in a folder."""
    for socket in folder.glob("*"):
        subprocess.run(  # noqa: S603 - our own command
            ["ssh", "-O", "exit", "-o", f"ControlPath={socket}", "any"],  # noqa: S607 - ssh of PATH
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )


def end_children() -> None:
    """End all children of this process; their own become its children, and end too."""
    while children := list(_children()):
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(child, 0)


def _children() -> Iterator[int]:
    own = str(os.getpid())
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name is in brackets, and may hold anything.
            rest = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
            if rest.split()[PARENT] == own:
                yield int(path.parent.name)
