"""Who has a port of ours: asked when a cloud cannot start because somebody else does."""

import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ADDRESS: Final = "127.0.0.1"
LISTENING: Final = "0A"
"""The kernel's word for a socket that listens."""
TABLES: Final = ("/proc/net/tcp", "/proc/net/tcp6")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A port that is taken; `holder` is empty where we may not see it."""

    service: str
    port: int
    holder: str

    def __str__(self) -> str:
        by = f" by {self.holder}" if self.holder else ""
        return f"port {self.port}, which is {self.service}'s, is in use{by}"


def conflicts(ports: Mapping[str, int]) -> list[Conflict]:
    """Return the ports that cannot be listened on, and who has them."""
    return [
        Conflict(service, port, _holder(port))
        for service, port in ports.items()
        if not _is_free(port)
    ]


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
    return True


def _holder(port: int) -> str:
    wanted = {f"socket:[{inode}]" for inode in _inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        if wanted & set(_open_files(process)):
            name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
            return f"{name} (process {process.name})"
    return ""


def _inodes(port: int) -> Iterator[str]:
    """Yield the sockets that listen on this port, on whatever address."""
    for table in TABLES:
        for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if state == LISTENING and int(local.rpartition(":")[2], 16) == port:
                yield rest[5]


def _open_files(process: Path) -> Iterator[str]:
    try:
        for descriptor in (process / "fd").iterdir():
            yield os.readlink(descriptor)  # noqa: PTH115 - what it points to is no path
    except OSError:  # it has ended, or is not ours to look into
        return
