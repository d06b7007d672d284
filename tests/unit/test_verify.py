"""What hosts answer is compared with what the site says; connections are tried for real."""

import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from govstack.errors import ProbeFailed
from govstack.operations.verify_paths import _findings
from govstack.plan.paths import Path as Route
from govstack.verify.connect import Answer, answers_of, connections
from govstack.verify.conversation import Conversation

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


@pytest.fixture
def speaking(ssh: Callable[[str], None]) -> Iterator[Callable[[str], Conversation]]:
    """Begin a conversation with a host that is this machine, or a program in its place."""
    begun: list[Conversation] = []

    def begin(program: str = 'for last; do :; done; exec sh -c "$last"') -> Conversation:
        ssh(program)
        begun.append(Conversation(Path("config"), "host", sys.executable))
        return begun[-1]

    yield begin
    for each in begun:
        each.close()


def shell(script: str, **more: Any) -> Mapping[str, Any]:
    ask = {"script": script, "values": {}, "user": "", "seconds": 5}
    step = {"kind": "shell", "ask": ask, "expect": {"code": 0}, "within": 0, "always": False}
    return {**step, **more}


def test_what_answers_refuses_or_says_nothing_is_told_apart(
    speaking: Callable[[], Conversation],
) -> None:
    with socket.create_server((str(HERE), 0)) as listening, socket.socket() as closed:
        closed.bind((str(HERE), 0))
        targets = [
            (HERE, listening.getsockname()[1]),
            (HERE, closed.getsockname()[1]),
            (IPv4Address("255.255.255.255"), 9),  # nothing can be connected to there
        ]
        told = speaking().ask([[connections(targets)]])
    assert told[0][0] is not None
    answers = answers_of(told[0][0]["answers"])
    assert answers == (Answer.ANSWERED, Answer.REFUSED, Answer.NONE)
    assert [answer.is_open for answer in answers] == [True, True, False]


def test_one_conversation_does_for_many_questions(speaking: Callable[[], Conversation]) -> None:
    talk = speaking()
    first = talk.ask(
        [[shell("exit 3"), shell("true"), shell("true", always=True)], [shell("true")]]
    )
    assert [[one and one["seen"] for one in steps] for steps in first] == [
        ["code 3", None, ""],
        [""],
    ]
    assert talk.ask([[shell("echo 公文; exit 1")]])[0][0]["seen"] == "code 1: 公文"  # type: ignore[index]


def test_a_host_that_cannot_be_asked_says_why(speaking: Callable[[str], Conversation]) -> None:
    talk = speaking("echo 'ssh: connect to host: Connection timed out' >&2; exit 255")
    with pytest.raises(ProbeFailed, match=r"^host could not be asked: ssh: connect to host: Conn"):
        talk.ask([[shell("true")]])


def test_a_host_that_goes_silent_is_not_waited_for(
    speaking: Callable[[str], Conversation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("govstack.verify.conversation.SPARE_SECONDS", 0.2)
    talk = speaking("cat >/dev/null")
    with pytest.raises(ProbeFailed, match="host did not answer within 0 s"):
        talk.ask([])


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
