"""Control groups of hosts: whether one runs, what it may use, and how to end all of it."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from govstack_sandbox.hosts.names import Names

PERIOD: Final = 100_000
"""Microseconds that shares of processors are counted in."""
MIB: Final = 2**20
PROCESSES: Final = 4096
PAUSE: Final = 0.02
KILL_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Group:
    """The control groups of one server; the first tells what runs."""

    folders: tuple[Path, ...]

    @classmethod
    def of(cls, names: Names, server: str) -> "Group":
        """Return the groups of a server of this cloud, made or not."""
        return cls(tuple(folder / server for folder in names.groups))

    @property
    def running(self) -> bool:
        """Tell whether any process of the host lives."""
        return self._event("populated")

    @property
    def frozen(self) -> bool:
        """Tell whether the host is paused."""
        return self._event("frozen")

    @property
    def leader(self) -> int:
        """Return the process that is the first one inside, 0 if it has none."""
        try:
            text = (self.folders[0] / "payload/init.scope/cgroup.procs").read_text(encoding="ascii")
        except OSError:
            return 0
        numbers = text.split()
        return int(numbers[0]) if numbers else 0

    def create(self, vcpus: int, memory_mb: int) -> None:
        """Make the groups, with the limits that this machine can enforce."""
        for folder in self.folders:
            folder.mkdir(parents=True, exist_ok=True)
            _offer_controllers(folder.parent)
        self.limit(vcpus, memory_mb)

    def limit(self, vcpus: int, memory_mb: int) -> None:
        """Set what the host may use."""
        limits = {
            "memory.max": memory_mb * MIB,
            "memory.limit_in_bytes": memory_mb * MIB,
            "cpu.max": f"{vcpus * PERIOD} {PERIOD}",
            "cpu.cfs_quota_us": vcpus * PERIOD,
            "pids.max": PROCESSES,
        }
        for folder in self.folders:
            for name, value in limits.items():
                if (folder / name).exists():
                    (folder / name).write_text(str(value), encoding="ascii")

    def freeze(self, *, on: bool) -> None:
        """Pause the host, or let it go on."""
        (self.folders[0] / "cgroup.freeze").write_text("1" if on else "0", encoding="ascii")

    def kill(self) -> None:
        """End every process of the host at once."""
        try:
            (self.folders[0] / "cgroup.kill").write_text("1", encoding="ascii")
        except FileNotFoundError:
            return
        wait_until(lambda: not self.running, KILL_SECONDS)

    def remove(self) -> None:
        """Remove the groups, with those that the host has made; only of one that has ended."""
        for folder in self.folders:
            remove_tree(folder)

    def _event(self, name: str) -> bool:
        try:
            text = (self.folders[0] / "cgroup.events").read_text(encoding="ascii")
        except OSError:
            return False
        return f"{name} 1" in text


def remove_tree(folder: Path) -> None:
    """Remove a control group and all below it, as far as nothing runs there."""
    for path, _, _ in os.walk(folder, topdown=False):
        try:
            Path(path).rmdir()
        except OSError:  # somebody runs in it, or it has gone
            continue


def wait_until(happens: Callable[[], bool], seconds: float) -> bool:
    """Tell whether it happens in time; the kernel tells nobody of what is asked here."""
    deadline = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE)
    return True


def _offer_controllers(folder: Path) -> None:
    """Let groups below this one be limited, by those controllers that it has itself."""
    try:
        available = (folder / "cgroup.controllers").read_text(encoding="ascii").split()
    except OSError:
        return
    for name in ("memory", "cpu", "pids"):
        if name in available:
            (folder / "cgroup.subtree_control").write_text(f"+{name}", encoding="ascii")
