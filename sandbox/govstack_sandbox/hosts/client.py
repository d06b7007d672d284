"""Ask the root helper of a cloud."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from govstack_sandbox.hosts.guest import HostFailed

SECONDS: Final = 180.0


class Asker:
    """Speaks to the helper that listens in this folder."""

    def __init__(self, run: Path, name: str = "hosts.sock") -> None:
        self._run = run
        self._name = name

    def __call__(self, verb: str, **values: Any) -> dict[str, Any]:  # noqa: ANN401 - what JSON has
        """Return the answer.

        Raises:
            HostFailed: the helper says why not, or does not answer.
        """
        try:
            with self._connected() as connection:
                connection.sendall(json.dumps({"verb": verb, **values}).encode() + b"\n")
                with connection.makefile("rb") as lines:
                    line = lines.readline()
        except OSError as error:
            raise HostFailed(f"the helper for hosts does not answer: {error}") from error
        answer: dict[str, Any] = json.loads(line or b'{"error": "the helper has ended"}')
        if "error" in answer:
            raise HostFailed(answer["error"])
        return answer

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        """Connect by way of the folder: the name of a socket may not be long."""
        folder = os.open(self._run, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(SECONDS)
                connection.connect(f"/proc/self/fd/{folder}/{self._name}")
                yield connection
        finally:
            os.close(folder)
