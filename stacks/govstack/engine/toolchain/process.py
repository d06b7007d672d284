"""Long-running programs: their output line by line, and none of them outlives us."""

import os
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

KEPT_LINES = 20
GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended; `tail` is the last of what it said."""

    code: int
    tail: tuple[str, ...]


def run(
    command: Sequence[str],
    *,
    folder: Path,
    variables: Mapping[str, str],
    on_line: Callable[[str], None],
) -> Ended:
    """Run a program and hand over each line of its output.

    It gets a session of its own, so that an interruption ends its children as well.
    """
    tail: deque[str] = deque(maxlen=KEPT_LINES)
    with subprocess.Popen(  # noqa: S603 - we made the command
        command,
        cwd=folder,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            for line in process.stdout or ():
                tail.append(line.rstrip())
                on_line(line.rstrip())
            code = process.wait()
        except BaseException:
            _end(process)
            raise
    return Ended(code, tuple(tail))


def _end(process: subprocess.Popen[str]) -> None:
    """End the program and all its children: first politely, then for certain."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
        os.killpg(process.pid, signal.SIGKILL)
