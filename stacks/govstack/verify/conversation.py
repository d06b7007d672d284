"""A conversation with a host by one connection: steps go there, what was seen comes back."""

import json
import os
import selectors
import shlex
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, Final, NoReturn, Protocol

from govstack.errors import ProbeFailed
from govstack.verify.remote import CONNECT_SECONDS

SPARE_SECONDS: Final = 20.0
"""How much longer than its steps may take an answer is waited for: logins are slow at times."""
END_SECONDS: Final = 5.0
"""How long ssh may take to go once nothing more is said."""
TAKE: Final = (
    "import sys; line = sys.stdin.readline().encode(); "
    "exec(compile(line.decode('unicode_escape'), 'agent', 'exec'))"
)
"""Takes the agent from what is read first."""
CHUNK: Final = 65536

Sequences = Sequence[Sequence[Mapping[str, Any]]]
"""Steps as the agent takes them: sequences at the same time, their steps one after another."""
Answers = Sequence[Sequence[Mapping[str, Any] | None]]
"""An answer for each step; none if it was not taken."""


class Asking(Protocol):
    """Somebody who takes steps on a host."""

    def ask(self, sequences: Sequences) -> Answers:
        """Take steps; return an answer for each."""
        ...

    def close(self) -> None:
        """Ask no more."""
        ...


class Conversation:
    """A host that runs the agent, for as long as it is asked."""

    def __init__(self, configuration: Path, host: str, interpreter: str) -> None:
        self._host = host
        self._complaints: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        command = f"{shlex.quote(interpreter)} -c {shlex.quote(TAKE)}"
        line = [
            *("ssh", "-F", str(configuration), "-T", "-o", "BatchMode=yes"),
            *("-o", f"ConnectTimeout={CONNECT_SECONDS}", host, command),
        ]
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            line,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            # An interrupt from the terminal is ours to deal with: what was begun is to be ended.
            start_new_session=True,
        )
        assert self._process.stdin is not None  # noqa: S101 - as it was just asked for
        assert self._process.stdout is not None  # noqa: S101 - as above
        self._said_to, self._said_by = self._process.stdin, self._process.stdout
        self._said = b""
        self._is_new = True

    def ask(self, sequences: Sequences) -> Answers:
        """Take steps on the host; return an answer for each.

        Raises:
            ProbeFailed: it cannot be asked, or has not answered in time.
        """
        text = json.dumps(sequences) + "\n"
        if self._is_new:
            text = f"{_agent()}\n{text}"
            self._is_new = False
        seconds = SPARE_SECONDS + sum(
            step["within"] + step["ask"]["seconds"] for steps in sequences for step in steps
        )
        try:
            self._said_to.write(text.encode())
            self._said_to.flush()
        except OSError:
            self._fail()
        answers: Answers = json.loads(self._line(seconds))
        return answers

    def close(self) -> None:
        """End it; what runs on the host ends with it."""
        self._end()
        with suppress(OSError):
            self._said_by.close()
        self._complaints.close()

    def _end(self) -> int:
        """Say no more, and see that ssh goes; return how it ended."""
        # What was not read there is of no use any more.
        with suppress(OSError):
            self._said_to.close()
        try:
            return self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _line(self, seconds: float) -> bytes:
        end = time.monotonic() + seconds
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._said_by, selectors.EVENT_READ)
            while b"\n" not in self._said:
                if not waiting.select(max(0.0, end - time.monotonic())):
                    message = f"{self._host} did not answer within {seconds:.0f} s"
                    raise ProbeFailed(message)
                more = os.read(self._said_by.fileno(), CHUNK)
                if not more:
                    self._fail()
                self._said += more
        line, _, self._said = self._said.partition(b"\n")
        return line

    def _fail(self) -> NoReturn:
        code = self._end()
        self._complaints.seek(0)
        said = self._complaints.read().decode("utf-8", "replace").strip().splitlines()
        why = said[-1] if said else f"code {code}"
        raise ProbeFailed(f"{self._host} could not be asked: {why}")


@cache
def _agent() -> str:
    """Return the agent's program, as one line."""
    text = (Path(__file__).parent / "agent.py").read_text(encoding="utf-8")
    return text.encode("unicode_escape").decode("ascii")
