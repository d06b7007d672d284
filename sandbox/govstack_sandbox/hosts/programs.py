"""Run programs, here and in network namespaces of ours."""

import ctypes
import os
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from govstack_sandbox.hosts.guest import HostFailed
from govstack_sandbox.hosts.names import NAMESPACES

CLONE_NEWNET: Final = 0x40000000
SHOWN: Final = 600
OWN_NAMESPACE: Final = "/proc/thread-self/ns/net"
T = TypeVar("T")


def run(*command: str, text: str | None = None) -> str:
    """Run a program to its end; return what it printed.

    Raises:
        HostFailed: it failed; holds the end of what it said.
    """
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)  # noqa: S603 - our own commands
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-SHOWN:]
        raise HostFailed(f"{' '.join(command[:4])}: {said}")
    return done.stdout


def batch(namespace: str, lines: Sequence[str], *, force: bool = False) -> None:
    """Run lines of iproute2 in a namespace; with `force`, go on where one fails.

    Raises:
        HostFailed: one failed.
    """
    if not lines:
        return
    options = ("-force",) if force else ()
    try:
        run("ip", "-n", namespace, *options, "-batch", "-", text="\n".join(lines) + "\n")
    except HostFailed:
        if not force:
            raise


def inside(namespace: str, action: Callable[[], T]) -> T:
    """Return what the action returns when a thread in that network namespace runs it.

    Raises:
        HostFailed: the namespace could not be entered; the action was not run then.
    """
    results: list[T] = []
    failures: list[BaseException] = []

    def enter_and_act() -> None:
        try:
            _enter(namespace)
            results.append(action())
        except BaseException as error:  # noqa: BLE001 - raised again by whoever asked
            failures.append(error)

    thread = threading.Thread(target=enter_and_act)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return results[0]


def _enter(namespace: str) -> None:
    """Move this thread; a setting below ``/proc/sys/net`` is that of whoever looks."""
    machine = os.stat(OWN_NAMESPACE).st_ino  # noqa: PTH116 - a link that must be followed
    descriptor = os.open(NAMESPACES / namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(descriptor, CLONE_NEWNET):
            raise HostFailed(f"cannot enter {namespace}: {os.strerror(ctypes.get_errno())}")
    finally:
        os.close(descriptor)
    if os.stat(OWN_NAMESPACE).st_ino == machine:  # noqa: PTH116 - as above
        raise HostFailed(f"still in the machine's own network, not in {namespace}")
