"""Tie processes together: the supervisor to nobody, the services to the supervisor."""

import ctypes
import os
import signal
from typing import Final

PR_SET_PDEATHSIG: Final = 1
STOP_SECONDS: Final = 3
"""How long requests may take to end after a service was told to stop."""


def leave_parent() -> None:
    """Go on in a process that is nobody's child; whoever started this one may go."""
    if os.fork():
        os._exit(0)


def die_with_parent() -> None:
    """Let the kernel end this process when the one that started it ends."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
