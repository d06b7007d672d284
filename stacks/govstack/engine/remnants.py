"""What a run that was killed leaves on this machine: engines, providers, and locks of the backend.

Whoever calls this holds the environment's lock, so no run of ours is under way.  Engines and
providers are known by the backend in their own environment: neither a process number that was
given again nor a clock that was set, nor a restart of the machine, makes a stranger look like one.
"""

import json
import os
import select
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from govstack.errors import Locked

BACKEND: Final = "PULUMI_BACKEND_URL"
PROVIDER: Final = "pulumi-resource-"
PREVIEWS: Final = frozenset({"preview", "--preview-only"})
"""Arguments by which the engine is told to change nothing, and therefore takes no lock."""

PATIENCE_SECONDS: Final = 60.0
"""How long engines that were told to stop may finish what they are doing."""

DEATH_SECONDS: Final = 10.0
"""How long the kernel may take to end a process that was killed."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the engine or of a provider."""

    pid: int
    parent: int
    group: int
    arguments: tuple[str, ...]

    @property
    def is_provider(self) -> bool:
        """Tell a provider from an engine."""
        return Path(self.arguments[0]).name.startswith(PROVIDER)

    @property
    def has_worker(self) -> bool:
        """Tell whether its worker lives, which interrupts it as soon as nobody listens."""
        return self.parent == self.group

    @property
    def is_preview(self) -> bool:
        """Tell whether the engine only previews."""
        return not PREVIEWS.isdisjoint(self.arguments)


def at_work(backend: Path) -> tuple[Process, ...]:
    """Return the engines that change stacks of this backend, and the providers they left alone."""
    found = {process.pid: process for process in _processes(backend)}
    engines = [each for each in found.values() if not each.is_provider]
    alive = {engine.pid for engine in engines}
    return (
        *(engine for engine in engines if not engine.is_preview),
        *(each for each in found.values() if each.is_provider and each.parent not in alive),
    )


def end_remnants(backend: Path, patience: float = PATIENCE_SECONDS) -> int:
    """End the engines of runs that are dead, and return how many processes there were.

    Engines are given the time to finish what they are doing, since they then write it down.
    Providers without an engine have nobody to tell, so they are ended at once.
    """
    told: set[int] = set()
    deadline = time.monotonic() + patience
    while left := at_work(backend):
        late = time.monotonic() >= deadline
        for process in left:
            if process.is_provider or late:
                _signal(process, signal.SIGKILL)
            elif process.pid not in told and not process.has_worker:
                # Never twice: an engine takes the second interrupt for impatience.
                _signal(process, signal.SIGINT)
        told |= {process.pid for process in left}
        _await_end(left, DEATH_SECONDS if late else deadline - time.monotonic())
    return len(told)


def end_engines(backend: Path, parent: int) -> None:
    """End the engines of this process at once."""
    for process in at_work(backend):
        if process.parent == parent and not process.is_provider:
            _signal(process, signal.SIGKILL)


def locks_of(backend: Path) -> tuple[Path, ...]:
    """Return the files by which the backend's stacks are locked; a half written one locks too."""
    found = (backend / ".pulumi" / "locks").glob("*/*/*/*")
    return tuple(sorted(path for path in found if path.suffix != ".attrs"))


def break_dead_locks(backend: Path) -> int:
    """Remove the locks of engines that are dead, and return how many there were.

    Raises:
        Locked: a lock was taken on another machine, or its engine is alive.
    """
    alive = {process.pid for process in at_work(backend)}
    locks = locks_of(backend)
    for path in locks:
        owner = _owner(path)
        if owner.get("hostname", socket.gethostname()) != socket.gethostname():
            raise _locked(path, owner, "on another machine")
        if owner.get("pid") in alive:
            raise _locked(path, owner, "and is alive")
    for path in locks:
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}.attrs").unlink(missing_ok=True)
    return len(locks)


def _processes(backend: Path) -> Iterator[Process]:
    mark = f"{BACKEND}={backend.as_uri()}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        # Processes end while they are looked at, and those of other users are not ours.
        with suppress(OSError, IndexError):
            if mark not in (folder / "environ").read_bytes().split(b"\0"):
                continue
            arguments = (folder / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
            state = (folder / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
            if arguments[0]:
                texts = tuple(os.fsdecode(argument) for argument in arguments)
                yield Process(int(folder.name), int(state[1]), int(state[2]), texts)


def _signal(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(process.pid, number)


def _await_end(processes: tuple[Process, ...], seconds: float) -> None:
    """Wait until all of these processes have ended, or the time is over."""
    deadline = time.monotonic() + seconds
    with ExitStack() as stack:
        poll = select.poll()
        left = set()
        for process in processes:
            with suppress(ProcessLookupError):
                descriptor = os.pidfd_open(process.pid)
                stack.callback(os.close, descriptor)
                poll.register(descriptor, select.POLLIN)
                left.add(descriptor)
        while left and (remaining := deadline - time.monotonic()) > 0:
            for descriptor, _ in poll.poll(remaining * 1000):
                poll.unregister(descriptor)
                left.discard(descriptor)


def _owner(path: Path) -> dict[str, object]:
    try:
        owner = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # its engine died while it wrote it
    return owner if isinstance(owner, dict) else {}


def _locked(path: Path, owner: dict[str, object], where: str) -> Locked:
    stack = "/".join(path.parts[-3:-1])
    who = f"{owner.get('username')}@{owner.get('hostname')} (process {owner.get('pid')})"
    return Locked(
        f"the stack {stack} is locked by {who}, which runs {where}",
        hint=f"if nothing runs there, break the lock: govstack pulumi {stack} -- cancel --yes",
    )
