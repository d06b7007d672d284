"""The way into an embedded cloud: its helper makes a connection inside and hands it over.

A program of its own as well, for ssh's ProxyCommand: ``passage.py FOLDER HOST PORT``.  ssh starts
it for every connection, so it needs nothing but the standard library, and is there at once.
"""

import json
import os
import select
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

SOCKET: Final = "hosts.sock"
"""The helper's, in the folder of what is true only while the cloud runs."""
SECONDS: Final = 30.0
LONGEST: Final = 65_536


class Refused(Exception):
    """The cloud lets nobody in there, with the reason."""


def passed(run: Path, host: str, port: int) -> socket.socket:
    """Return a connection to an address in the cloud.

    Args:
        run: the folder of what is true only while the cloud runs.
        host: the address.
        port: of TCP.

    Raises:
        Refused: the cloud lets nobody in there.
        OSError: there is no helper.
    """
    with helper(run) as opened:
        opened.sendall(request("connect", host=host, port=port))
        message, descriptors, _, _ = socket.recv_fds(opened, LONGEST, 1)
    if descriptors:
        return socket.socket(fileno=descriptors[0])
    raise Refused(json.loads(message)["error"] if message else "the helper has ended")


@contextmanager
def helper(run: Path) -> Iterator[socket.socket]:
    """Open the helper's socket by way of its folder: the name of a socket may not be long.

    Raises:
        OSError: there is none.
    """
    folder = os.open(run, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as opened:
            opened.settimeout(SECONDS)
            opened.connect(f"/proc/self/fd/{folder}/{SOCKET}")
            yield opened
    finally:
        os.close(folder)


def request(verb: str, **values: object) -> bytes:
    """Return a request as the helper reads it."""
    return json.dumps({"verb": verb, **values}).encode() + b"\n"


def pump(connection: socket.socket, source: int, target: int) -> None:
    """Copy between a connection and two descriptors until the far side, or who reads, has ended."""
    with suppress(BrokenPipeError, ConnectionResetError):
        _copy(connection, source, target)


def _copy(connection: socket.socket, source: int, target: int) -> None:
    reading = [connection.fileno(), source]
    while connection.fileno() in reading:
        ready, _, _ = select.select(reading, [], [])
        for descriptor in ready:
            content = os.read(descriptor, LONGEST)
            if not content:
                reading.remove(descriptor)
                if descriptor == source:
                    connection.shutdown(socket.SHUT_WR)
            elif descriptor == source:
                connection.sendall(content)
            else:
                _write(target, content)


def _write(target: int, content: bytes) -> None:
    while content:
        content = content[os.write(target, content) :]


def main(arguments: list[str]) -> int:
    """Connect standard input and output with an address in the cloud; return the exit code."""
    folder, host, port = arguments
    try:
        connection = passed(Path(folder), host, int(port))
    except (OSError, Refused) as error:
        sys.stderr.write(f"no way into the embedded cloud: {error}\n")
        return 1
    with connection:
        pump(connection, sys.stdin.fileno(), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
