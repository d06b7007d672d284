"""The way into an embedded cloud, with a helper that is played."""

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from govstack import sandbox
from govstack.errors import SandboxFailed
from govstack.sandbox.layout import Layout
from govstack.sandbox.passage import SOCKET

HOST = "203.0.113.7"


class Helper(threading.Thread):
    """Answers one request: by a connection that shouts back, or by a reason."""

    def __init__(self, run: Path) -> None:
        super().__init__(daemon=True)
        self.asked: dict[str, object] = {}
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(str(run / SOCKET))
        self._listening.listen()

    def run(self) -> None:
        connection, _ = self._listening.accept()
        with connection:
            self.asked = json.loads(connection.makefile("rb").readline())
            if self.asked["port"] != 22:
                connection.sendall(b'{"error": "no flow leads there"}\n')
                return
            ours, theirs = socket.socketpair()
            socket.send_fds(connection, [b"{}\n"], [theirs.fileno()])
            theirs.close()
        with ours:
            ours.sendall(ours.recv(100).upper())

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    Layout(tmp_path).run.mkdir()
    return tmp_path


@pytest.fixture
def helper(root: Path) -> Iterator[Helper]:
    made = Helper(Layout(root).run)
    made.start()
    yield made
    made.close()
    made.join(timeout=10)
    assert not made.is_alive()


def ran(root: Path, port: int) -> subprocess.CompletedProcess[str]:
    command = [*sandbox.passage(root), HOST, str(port)]
    return subprocess.run(command, input="hello", capture_output=True, text=True, check=False)


def test_input_and_output_become_the_connection(root: Path, helper: Helper) -> None:
    done = ran(root, 22)
    assert (done.returncode, done.stdout, done.stderr) == (0, "HELLO", "")
    assert helper.asked == {"verb": "connect", "host": HOST, "port": 22}


def test_why_nobody_is_let_in_is_told(root: Path, helper: Helper) -> None:
    done = ran(root, 443)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "no way into the embedded cloud: no flow leads there\n"
    assert helper.asked["port"] == 443


def test_the_library_says_what_to_do(root: Path, helper: Helper) -> None:
    with pytest.raises(SandboxFailed, match="no flow leads there"):
        sandbox.connect(root, HOST, 443)
    helper.join(timeout=10)


def test_a_cloud_that_does_not_run_is_told(root: Path) -> None:
    assert "No such file or directory" in ran(root, 22).stderr
    with pytest.raises(SandboxFailed, match="has no hosts that could be reached"):
        sandbox.connect(root, HOST, 22)
    Layout(root).hosts.touch()
    with pytest.raises(SandboxFailed, match="does not run"):
        sandbox.connect(root, HOST, 22)


def test_it_needs_nothing_but_the_standard_library(root: Path) -> None:
    command = sandbox.passage(root)
    assert command[1] == "-I"
    text = Path(command[2]).read_text(encoding="utf-8")
    assert "govstack." not in text
