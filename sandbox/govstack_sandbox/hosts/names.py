"""What this cloud's things are called in the kernel, so that no two clouds meet."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CONTROL_GROUPS: Final = Path("/sys/fs/cgroup")
NAMESPACES: Final = Path("/run/netns")
KEY_DIGITS: Final = 8
UUID_DIGITS: Final = 13
"""Enough of a server's id to tell it from others, within a host name's and a path's limits."""
PORT_DIGITS: Final = 11
OPERATOR: Final = "198.51.100.1"
"""Where the toolkit's own connections come from: the address of somebody outside the cloud."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one cloud; `key` follows from its folder."""

    key: str

    @classmethod
    def of(cls, root: Path) -> "Names":
        """Return the names of the cloud in this folder."""
        return cls(hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:KEY_DIGITS])

    @property
    def cloud(self) -> str:
        """Return the namespace that all routers of this cloud are."""
        return f"gs-{self.key}"

    def machine(self, server: str) -> str:
        """Return the name of a server's namespace and container."""
        return f"{self.cloud}-{server[:UUID_DIGITS]}"

    def notify(self, server: str) -> str:
        """Return the address, bound to no file, at which a server's start is told."""
        return f"\0{self.machine(server)}"

    @property
    def groups(self) -> tuple[Path, ...]:
        """Return this cloud's control groups: the one that tells what runs, then those that limit.

        Where the controllers are of the first version, each is a tree of its own.
        """
        unified = CONTROL_GROUPS / "unified"
        if not unified.is_dir():
            return (CONTROL_GROUPS / self.cloud,)
        limiting = (CONTROL_GROUPS / name for name in ("memory", "cpu", "pids"))
        return (unified / self.cloud, *(tree / self.cloud for tree in limiting if tree.is_dir()))


def tap(port: str) -> str:
    """Return the name of a port's end in the cloud's namespace, as nova and neutron call it."""
    return f"tap{port[:PORT_DIGITS]}"
