"""Follow a supervisor: until its cloud is ready, or until it has ended."""

import contextlib
import os
import select
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from govstack.errors import SandboxFailed
from govstack.sandbox.alive import is_alive
from govstack.sandbox.layout import SUPERVISOR, Layout
from govstack.sandbox.programs import telling_lines
from govstack.sandbox.status import CloudState, SandboxStatus, observe, supervisor_pid
from govstack.sandbox.wanted import Request
from govstack.values.observer import (
    Observer,
    Outcome,
    StepAdvanced,
    StepFinished,
    StepStarted,
)

START: Final = "sandbox-start"
START_SECONDS: Final = 300
END_SECONDS: Final = 30
PAUSE: Final = 0.1
"""Seconds between two looks at the report of a supervisor that is not our child."""


def is_ready(seen: SandboxStatus, wanted: frozenset[str]) -> bool:
    """Tell whether a cloud runs, and the optional services that are wanted as well."""
    running = {one.name for one in seen.services if one.state is CloudState.RUNNING}
    return seen.state is CloudState.RUNNING and wanted <= running


def wait_until_ready(root: Path, observer: Observer, request: Request) -> None:
    """Return once the cloud is ready, and what was requested too; tell which services are.

    Raises:
        SandboxFailed: it failed, its supervisor ended, or it took too long.
    """
    started = time.monotonic()
    teller = _Teller(observer)
    if request.adds:
        teller.take_as_told(observe(root), request.services)
    observer.notify(StepStarted(START, request.title))
    outcome = Outcome.FAILED
    try:
        _follow(root, teller, request, started + START_SECONDS)
        outcome = Outcome.DONE
    finally:
        observer.notify(StepFinished(START, outcome, time.monotonic() - started))


def tell_of_request(root: Path) -> None:
    """Let the supervisor read what is wanted; one that is about to start does so anyway."""
    pid = supervisor_pid(root)
    if pid and _is_supervisor(pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGHUP)


def end(root: Path) -> None:
    """Ask the supervisor to end; kill it if it does not, and its services die with it.

    Raises:
        SandboxFailed: it lives on.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        pid = _supervisor(root)
        if not pid or _ends(pid, number):
            return
    raise SandboxFailed(
        f"the supervisor of the embedded cloud in {root} does not end",
        hint=f"see which process holds its lock: fuser -v {Layout(root).lock}",
    )


def start_failed(root: Path, what: str) -> SandboxFailed:
    """Return the error of a start, with the last lines that tell why."""
    layout = Layout(root)
    culprit = layout.output(SUPERVISOR)
    for path in layout.logs.glob("*.out"):
        if f"{path.stem} ended" in what:
            culprit = path
    try:
        telling = telling_lines(culprit.read_text(encoding="utf-8", errors="replace"))
    except FileNotFoundError:
        telling = ""
    return SandboxFailed(
        f"the embedded cloud did not start: {what}\n{telling}".rstrip(),
        hint=f"the whole output is in {culprit}; govstack sandbox logs shows all logs",
    )


@dataclass(slots=True)
class _Teller:
    """Tells an observer what is new in a cloud's reports."""

    observer: Observer
    _ready: set[str] = field(default_factory=set)
    _step: str = ""

    def take_as_told(self, seen: SandboxStatus, requested: frozenset[str]) -> None:
        """Remember which services are no news: those that were there before the request."""
        running = {one.name for one in seen.services if one.state is CloudState.RUNNING}
        self._ready |= running - requested

    def tell(self, seen: SandboxStatus) -> None:
        """Tell of services that have become ready, and of a new step."""
        total = len(seen.services)
        for service in seen.services:
            if service.state is CloudState.RUNNING and service.name not in self._ready:
                self._ready.add(service.name)
                self._advance(f"{service.name} is ready", total)
        if seen.step and seen.step != self._step:
            self._step = seen.step
            self._advance(seen.step, total)

    def _advance(self, detail: str, total: int) -> None:
        self.observer.notify(StepAdvanced(START, detail, len(self._ready), total or None))


def _follow(root: Path, teller: _Teller, request: Request, deadline: float) -> None:
    while True:
        alive = is_alive(root)  # before its report: the last report then counts
        seen = observe(root)
        teller.tell(seen)
        if seen.request >= request.number:
            if is_ready(seen, request.services):
                return
            _check_requested(root, seen, request)
        if not alive:  # one that has failed ends its services first, and then itself
            raise start_failed(root, seen.failure or "its supervisor has ended")
        if time.monotonic() > deadline:
            raise start_failed(root, f"it is not ready after {START_SECONDS} seconds")
        time.sleep(PAUSE)


def _check_requested(root: Path, seen: SandboxStatus, request: Request) -> None:
    """Give up on a service that dies again and again, or could not be added.

    Raises:
        SandboxFailed: says how it ended.
    """
    for service in seen.services:
        if service.name in request.services and service.state is CloudState.DEGRADED:
            raise start_failed(root, f"{service.name} {service.detail}")


def _supervisor(root: Path) -> int:
    """Return the process of the supervisor, once it has reported itself; 0 if none runs.

    Raises:
        SandboxFailed: somebody holds the lock, and is no supervisor.
    """
    deadline = time.monotonic() + END_SECONDS
    while is_alive(root):
        pid = supervisor_pid(root)
        if pid and _is_supervisor(pid):
            return pid
        if time.monotonic() > deadline:
            raise SandboxFailed(
                f"the embedded cloud in {root} is locked, but no supervisor has reported",
                hint=f"see which process holds its lock: fuser -v {Layout(root).lock}",
            )
        time.sleep(PAUSE)
    return 0


def _is_supervisor(pid: int) -> bool:
    """Tell whether the process is what reported itself; an old report could name another."""
    try:
        return b"supervise" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _ends(pid: int, number: signal.Signals) -> bool:
    """Signal the process, and tell whether it ended in time."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        signal.pidfd_send_signal(descriptor, number)
        ended, _, _ = select.select([descriptor], [], [], END_SECONDS)
        return bool(ended)
    except ProcessLookupError:
        return True
    finally:
        os.close(descriptor)
