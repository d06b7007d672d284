"""Tries connections from inside a host, many at once, and tells what became of each.

Nothing is installed there: a few lines of Python go with the question.  A refused connection came
as far as the host it was to, so the path is open; what is not let through is not answered.
"""

import json
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from govstack.errors import ProbeFailed
from govstack.verify.remote import last_words, run_there

WAIT_SECONDS: Final = 2.0
"""How long an answer may take; one that comes at all comes within milliseconds."""
AT_ONCE: Final = 400
"""Connections that a host tries at the same time: fewer than a process may have open."""

SCRIPT: Final = """\
import errno, json, selectors, socket, sys, time
asked = json.load(sys.stdin)
answers = [None] * len(asked["targets"])
todo = list(enumerate(asked["targets"]))
while todo:
    now, todo = todo[:asked["at_once"]], todo[asked["at_once"]:]
    waiting = selectors.DefaultSelector()
    for number, (address, port) in now:
        one = socket.socket()
        one.setblocking(False)
        code = one.connect_ex((address, port))
        if code in (0, errno.EINPROGRESS):
            waiting.register(one, selectors.EVENT_WRITE, number)
        else:
            answers[number] = code
            one.close()
    end = time.monotonic() + asked["seconds"]
    while waiting.get_map() and time.monotonic() < end:
        for key, _ in waiting.select(max(0, end - time.monotonic())):
            answers[key.data] = key.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            waiting.unregister(key.fileobj)
            key.fileobj.close()
    for key in list(waiting.get_map().values()):
        key.fileobj.close()
names = {0: "answered", errno.ECONNREFUSED: "refused"}
print(json.dumps([names.get(code, "none") for code in answers]))
"""
"""Run by the host's own Python, 3.6 or later."""


class Answer(StrEnum):
    """What became of an attempt to connect."""

    ANSWERED = "answered"
    REFUSED = "refused"
    NONE = "none"

    @property
    def is_open(self) -> bool:
        """Tell whether the packets came as far as the host that they were to."""
        return self is not Answer.NONE


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked, and how it is come to: ssh's configuration and the host's own Python."""

    configuration: Path
    host: str
    interpreter: str


def try_connections(asked: Asked, targets: Sequence[tuple[IPv4Address, int]]) -> tuple[Answer, ...]:
    """Return what became of a connection to each address and port, as seen from the host.

    Raises:
        ProbeFailed: the host could not be asked.
    """
    question = {
        "targets": [(str(address), port) for address, port in targets],
        "seconds": WAIT_SECONDS,
        "at_once": AT_ONCE,
    }
    command = f"{shlex.quote(asked.interpreter)} -c {shlex.quote(SCRIPT)}"
    try:
        ran = run_there(asked.configuration, asked.host, command, json.dumps(question))
    except subprocess.TimeoutExpired as error:
        raise ProbeFailed(f"{asked.host} did not answer within {error.timeout:.0f} s") from error
    if ran.returncode:
        why = last_words(ran) or f"code {ran.returncode}"
        raise ProbeFailed(f"{asked.host} could not be asked: {why}")
    return tuple(Answer(each) for each in json.loads(ran.stdout))
