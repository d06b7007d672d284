"""Reach into an embedded cloud whose servers are real hosts, from outside it as an operator would.

No route of this machine leads there: the helper makes the connection inside and hands it over.
"""

import json
import os
import select
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from govstack.errors import SandboxFailed
from govstack.sandbox.layout import Layout

SECONDS: Final = 30.0
MACHINE_SECONDS: Final = 60.0
"""How long one machine may take until it is on."""
LONGEST: Final = 65_536
OPERATOR: Final = "198.51.100.1"
"""The address that connections from outside seem to come from; the helper's side knows it too."""


def connect(root: Path, host: str, port: int) -> socket.socket:
    """Return a connection to an address in the cloud.

    Raises:
        SandboxFailed: there is no helper, or the cloud lets nobody in there.
    """
    with _helper(root) as helper:
        helper.sendall(_request("connect", host=host, port=port))
        message, descriptors, _, _ = socket.recv_fds(helper, LONGEST, 1)
    if descriptors:
        return socket.socket(fileno=descriptors[0])
    why = json.loads(message)["error"] if message else "the helper has ended"
    raise SandboxFailed(
        f"the embedded cloud lets nobody in: {why}",
        hint="only what the site's flows allow from outside can be reached, a bastion above all",
    )


def host_keys(root: Path) -> Mapping[str, str]:
    """Return the public SSH key of each host by its name, as it was made with the host.

    Raises:
        SandboxFailed: there is no helper.
    """
    with _helper(root) as helper, helper.makefile("rb") as lines:
        helper.sendall(_request("keys"))
        answer = json.loads(lines.readline() or b"{}")
    if "keys" not in answer:
        raise SandboxFailed(f"the keys of hosts are not known: {answer.get('error', 'no answer')}")
    return {str(name): str(key) for name, key in answer["keys"].items()}


def have_machines(root: Path, machines: Sequence[Mapping[str, object]]) -> Mapping[str, str]:
    """Have exactly these machines in the cloud, each of them on; return what each is, by name.

    Args:
        root: the cloud's folder.
        machines: each a ``guest`` as the helper knows them, and a ``drive`` of files in base64.

    Raises:
        SandboxFailed: there is no helper, or a machine does not start.
    """
    with _helper(root) as helper, helper.makefile("rb") as lines:
        helper.settimeout(MACHINE_SECONDS * max(1, len(machines)))
        helper.sendall(_request("machines", machines=list(machines)))
        answer = json.loads(lines.readline() or b"{}")
    if "machines" not in answer:
        raise SandboxFailed(f"the machines are not on: {answer.get('error', 'no answer')}")
    return {str(name): str(state) for name, state in answer["machines"].items()}


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


def _request(verb: str, **values: object) -> bytes:
    return json.dumps({"verb": verb, **values}).encode() + b"\n"


@contextmanager
def _helper(root: Path) -> Iterator[socket.socket]:
    """Open the helper's socket by way of its folder: the name of a socket may not be long."""
    layout = Layout(root)
    try:
        folder = os.open(layout.run, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError as error:
        raise _unreachable(root) from error
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as helper:
            helper.settimeout(SECONDS)
            try:
                helper.connect(f"/proc/self/fd/{folder}/{layout.helper.name}")
            except OSError as error:
                raise _unreachable(root) from error
            yield helper
    finally:
        os.close(folder)


def _unreachable(root: Path) -> SandboxFailed:
    if Layout(root).hosts.exists():
        return SandboxFailed(
            f"the embedded cloud in {root} does not run", hint="govstack sandbox start"
        )
    return SandboxFailed(
        f"the embedded cloud in {root} has no hosts that could be reached",
        hint="govstack doctor tells what this machine lacks for them; then govstack sandbox reset",
    )
