"""Processes of the supervisor, with what it needs to notice that they are ready or have ended."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from govstack_sandbox.layout import Layout
from govstack_sandbox.lifeline import STOP_SECONDS

GRACE: Final = STOP_SECONDS + 2
"""Seconds from the request to end until the process is killed."""
PROGRAM: Final = (sys.executable, "-P", "-m", "govstack_sandbox")
SETTINGS: Final = {
    "MALLOC_ARENA_MAX": "2",  # sixteen threads would otherwise take an arena each
    "PYTHONWARNINGS": "ignore",  # upstream's deprecations are not ours to show
    "PYTHONUNBUFFERED": "1",
}


@dataclass(frozen=True, slots=True)
class Child:
    """A running process.

    Attributes:
        name: the service that it runs, or the task.
        process: the process itself.
        ended: a descriptor that is readable once the process has ended.
        ready: a descriptor that is readable once it has reported, -1 if it never does.
    """

    name: str
    process: subprocess.Popen[bytes]
    ended: int
    ready: int = -1

    def reap(self) -> int:
        """Wait for the process, which has ended, and release the descriptors; return its code."""
        code = self.process.wait()
        os.close(self.ended)
        if self.ready >= 0:
            os.close(self.ready)
        return code


def start_service(layout: Layout, name: str, listening: socket.socket) -> Child:
    """Start a service on a socket that is listening already."""
    read, write = os.pipe()
    try:
        numbers = ("--socket", str(listening.fileno()), "--notify", str(write))
        process = _start(
            layout, name, ("serve", name, str(layout.root), *numbers), (listening.fileno(), write)
        )
    finally:
        os.close(write)
    return Child(name, process, os.pidfd_open(process.pid), read)


def start_task(layout: Layout, name: str, *arguments: str) -> Child:
    """Start a subcommand that works on the cloud and ends."""
    process = _start(layout, name, (name, str(layout.root), *arguments), ())
    return Child(name, process, os.pidfd_open(process.pid))


def stop_all(children: Iterable[Child]) -> None:
    """End all processes, together; those that do not listen are killed."""
    running = list(children)
    for child in running:
        child.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    for child in running:
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
        child.reap()


def describe_end(code: int) -> str:
    """Say in words how a process ended."""
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with code {code}"


def _start(
    layout: Layout, name: str, arguments: tuple[str, ...], descriptors: tuple[int, ...]
) -> subprocess.Popen[bytes]:
    with layout.output(name).open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own program
            [*PROGRAM, *arguments],
            cwd=layout.root,
            env={**os.environ, **SETTINGS},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=descriptors,
        )
