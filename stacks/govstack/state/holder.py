"""Who holds an environment, and whether that process still lives.

Only what the kernel says counts: a process is known by its number and its start, a machine by
its boot, so neither a reused number nor a clock that jumps misleads.
"""

import getpass
import os
import secrets
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

FIRST_NAMESPACE: Final = "pid:[4026531836]"
"""The namespace of processes outside of any container."""

START_FIELD: Final = 19
"""Where /proc/PID/stat has the start, counted after the name of the program."""


class Life(StrEnum):
    """What is known of a process."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process, told from every other that there was or will be.

    Attributes:
        machine: the identity of the installed system, which outlives a boot.
        boot: the identity of the boot.
        namespace: in which processes are counted.
        pid: its number there.
        started: when it started, in the kernel's ticks since the boot.
    """

    machine: str
    boot: str
    namespace: str
    pid: int
    started: int

    def life(self) -> Life:
        """Tell whether it lives; unknown if it is elsewhere."""
        here = this_process()
        if (self.boot, self.namespace) == (here.boot, here.namespace):
            return Life.ALIVE if _started(self.pid) == self.started else Life.DEAD
        # After another boot of the same machine none of its processes is left. Containers may
        # share an identity of their image, so they are not judged by it.
        outside = self.namespace == here.namespace == FIRST_NAMESPACE
        if outside and self.machine == here.machine and self.boot != here.boot:
            return Life.DEAD
        return Life.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds an environment.

    Attributes:
        person: ``user@host``.
        reason: what for.
        since: since when, ISO 8601 in UTC.
        token: tells this hold from every other.
        process: the run; None if people hold it.
        expires: until when people hold it, ISO 8601 in UTC; empty without an end.
    """

    person: str
    reason: str
    since: str
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    process: Process | None = None
    expires: str = ""

    def __str__(self) -> str:
        process = f" (process {self.process.pid})" if self.process else ""
        until = f" until {self.expires}" if self.expires else ""
        return f"{self.person}{process} since {self.since}{until}: {self.reason}"

    def is_over(self) -> bool:
        """Tell whether its time has passed."""
        return bool(self.expires) and datetime.fromisoformat(self.expires) <= datetime.now(UTC)


def this_run(reason: str) -> Holder:
    """Return this process as a holder."""
    return Holder(person=this_person(), reason=reason, since=_now(), process=this_process())


def this_user(reason: str, expires: str) -> Holder:
    """Return whoever runs this process as a holder that outlives it."""
    return Holder(person=this_person(), reason=reason, since=_now(), expires=expires)


def this_person() -> str:
    """Return ``user@host``."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def this_process() -> Process:
    """Return the identity of this process."""
    return Process(
        machine=f"{_read('/etc/machine-id')} {socket.gethostname()}",
        boot=_read("/proc/sys/kernel/random/boot_id"),
        namespace=str(Path("/proc/self/ns/pid").readlink()),
        pid=os.getpid(),
        started=_started(os.getpid()),
    )


def _started(pid: int) -> int:
    """Return when a process started; -1 if it is gone, or has ended and only waits for burial."""
    text = _read(f"/proc/{pid}/stat")
    # The name stands in parentheses and may hold anything.
    state, *fields = text.rpartition(") ")[2].split()[: START_FIELD + 1] or ("X",)
    return -1 if state in {"X", "Z"} else int(fields[START_FIELD - 1])


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
