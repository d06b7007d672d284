"""The ports of one cloud: chosen free once, then kept, since clients remember addresses."""

import json
import os
import random
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from govstack_sandbox.layout import FILE_MODE, Layout, write_private
from govstack_sandbox.services import Service

ADDRESS: Final = "127.0.0.1"
FIRST: Final = 20000
LAST: Final = 32000
"""Below the ports that Linux gives to outgoing connections."""
BACKLOG: Final = 128
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Ports:
    """The port of each service, and those of what a service listens for besides."""

    services: dict[str, int] = field(default_factory=dict)
    inner: dict[str, int] = field(default_factory=dict)

    def __or__(self, other: "Ports") -> "Ports":
        """Return the ports of both."""
        return Ports(self.services | other.services, self.inner | other.inner)


def choose_ports(services: Iterable[Service]) -> Ports:
    """Choose free ports in a row, at a random place so that clouds seldom meet."""
    wanted = tuple(services)
    outer = [service.name for service in wanted]
    inner = [name for service in wanted for name in service.inner]
    chosen = dict(zip((*outer, *inner), _free_row(len(outer) + len(inner)), strict=True))
    return Ports({name: chosen[name] for name in outer}, {name: chosen[name] for name in inner})


def choose_port(layout: Layout, name: str) -> int:
    """Return the port of something besides the services; it is chosen once, like theirs."""
    ports = load_ports(layout.cloud)
    if name not in ports.inner:
        ports = ports | Ports({}, {name: _free_row(1)[0]})
        save_ports(layout, ports)
    return ports.inner[name]


def save_ports(layout: Layout, ports: Ports) -> None:
    """Write the file that makes the cloud complete, and services part of it."""
    document = {"format": FORMAT, "ports": ports.services, "inner": ports.inner}
    write_private(layout.cloud, json.dumps(document, indent=1))


def load_ports(path: Path) -> Ports:
    """Read the ports of a complete cloud."""
    document = json.loads(path.read_text(encoding="utf-8"))
    if document["format"] != FORMAT:
        message = f"{path} has format {document['format']}, this govstack knows {FORMAT}"
        raise ValueError(message)
    return Ports(dict(document["ports"]), dict(document.get("inner", {})))


def listen(port: int) -> socket.socket:
    """Return a listening socket.

    The supervisor holds it for as long as it lives, so that what connects while its service
    starts or is restarted waits instead of being refused.
    """
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        server.bind((ADDRESS, port))
        server.listen(BACKLOG)
    except OSError:
        server.close()
        raise
    return server


def listen_private(folder: Path, name: str) -> socket.socket:
    """Return a socket that listens at a file, for this user only.

    It is bound by way of the folder, since the name of a socket may not be long.
    """
    (folder / name).unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        server.bind(f"/proc/self/fd/{opened}/{name}")
        (folder / name).chmod(FILE_MODE)
        server.listen(BACKLOG)
    finally:
        os.close(opened)
    return server


def _free_row(number: int) -> Sequence[int]:
    """Find ports that nobody has.

    Raises:
        OSError: there are none.
    """
    starts = range(FIRST, LAST, number)
    for start in random.sample(starts, len(starts)):
        row = range(start, start + number)
        if all(_is_free(port) for port in row):
            return row
    message = f"no {number} free ports in a row between {FIRST} and {LAST}"
    raise OSError(message)


def _is_free(port: int) -> bool:
    """Tell whether a port can be had, also for datagrams, which names are asked for by."""
    try:
        listen(port).close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((ADDRESS, port))
    except OSError:
        return False
    return True
