"""What hosts answer is compared with what the site says; connections are tried for real."""

import os
import socket
import sys
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from govstack.errors import ProbeFailed
from govstack.operations.verify import _findings
from govstack.plan.paths import Path as Route
from govstack.verify.connect import Answer, Asked, try_connections

HERE = IPv4Address("127.0.0.1")


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Have `ssh` be this shell program; its last argument is the command."""

    def place(program: str) -> None:
        path = tmp_path / "ssh"
        path.write_text(f"#!/bin/sh\n{program}\n", encoding="utf-8")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    return place


def asked() -> Asked:
    return Asked(Path("config"), "host", sys.executable)


def test_what_answers_refuses_or_says_nothing_is_told_apart(ssh: Callable[[str], None]) -> None:
    ssh('for last; do :; done; exec sh -c "$last"')
    with socket.create_server((str(HERE), 0)) as listening, socket.socket() as closed:
        closed.bind((str(HERE), 0))
        targets = [
            (HERE, listening.getsockname()[1]),
            (HERE, closed.getsockname()[1]),
            (IPv4Address("255.255.255.255"), 9),  # nothing can be connected to there
        ]
        answers = try_connections(asked(), targets)
    assert answers == (Answer.ANSWERED, Answer.REFUSED, Answer.NONE)
    assert [answer.is_open for answer in answers] == [True, True, False]


def test_a_host_that_cannot_be_asked_says_why(ssh: Callable[[str], None]) -> None:
    ssh("echo 'ssh: connect to host: Connection timed out' >&2; exit 255")
    with pytest.raises(ProbeFailed, match=r"^host could not be asked: ssh: connect to host: Conn"):
        try_connections(asked(), [(HERE, 22)])


def test_only_what_is_otherwise_is_found() -> None:
    def route(port: int, *, is_open: bool) -> Route:
        purpose = "records" if is_open else ""
        return Route(
            source="a", target="b", address=HERE, port=port, is_open=is_open, purpose=purpose
        )

    wanted = [
        route(1, is_open=True),
        route(2, is_open=True),
        route(3, is_open=False),
        route(4, is_open=False),
    ]
    found = _findings(wanted, [Answer.REFUSED, Answer.NONE, Answer.NONE, Answer.ANSWERED])
    assert [(one.subject, one.expected, one.seen, one.why) for one in found] == [
        ("b 127.0.0.1 tcp/2", "open", "no answer", "records"),
        ("b 127.0.0.1 tcp/4", "closed", "answered", "no flow and no use of the site opens it"),
    ]
