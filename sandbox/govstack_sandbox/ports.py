"""The ports of one cloud: chosen free once, then kept, since clients remember addresses."""

import json
import random
import socket
from pathlib import Path
from typing import Final

from govstack_sandbox.layout import Layout, write_private
from govstack_sandbox.services import SERVICES

ADDRESS: Final = "127.0.0.1"
FIRST: Final = 20000
LAST: Final = 32000
"""Below the ports that Linux gives to outgoing connections."""
BACKLOG: Final = 128
FORMAT: Final = 1

Ports = dict[str, int]
"""The port of each service."""


def choose_ports() -> Ports:
    """Choose free ports in a row, at a random place so that clouds seldom meet."""
    number = len(SERVICES)
    starts = range(FIRST, LAST, number)
    for start in random.sample(starts, len(starts)):
        if all(_is_free(port) for port in range(start, start + number)):
            return {service.name: start + place for place, service in enumerate(SERVICES)}
    message = f"no {number} free ports in a row between {FIRST} and {LAST}"
    raise OSError(message)


def save_ports(layout: Layout, ports: Ports) -> None:
    """Write the file that makes the cloud complete."""
    write_private(layout.cloud, json.dumps({"format": FORMAT, "ports": ports}, indent=1))


def load_ports(path: Path) -> Ports:
    """Read the ports of a complete cloud."""
    document = json.loads(path.read_text(encoding="utf-8"))
    if document["format"] != FORMAT:
        message = f"{path} has format {document['format']}, this govstack knows {FORMAT}"
        raise ValueError(message)
    return {str(name): int(port) for name, port in document["ports"].items()}


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


def _is_free(port: int) -> bool:
    try:
        listen(port).close()
    except OSError:
        return False
    return True
