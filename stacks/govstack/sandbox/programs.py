"""Run the programs of a step: output to a log, progress to the observer, failures as errors."""

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from govstack.errors import SandboxFailed
from govstack.values.observer import (
    Observer,
    Outcome,
    StepAdvanced,
    StepFinished,
    StepStarted,
)

KEPT: Final = ("HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER")
"""What programs of ours may see: a proxy or an ``OS_CLOUD`` of the user would lead them astray."""
SHOWN: Final = 5
FOLLOWING: Final = 3
"""Lines after the last telling one that are shown too: pip names the culprit there."""
TELLING: Final = re.compile(r"error|exception|failed|no space", re.IGNORECASE)
"""How lines look that say why a program failed."""


class Run(Protocol):
    """Runs one program of a step to its end."""

    def __call__(
        self,
        command: Sequence[str],
        variables: Mapping[str, str],
        *,
        count: "Callable[[str], Progress | None] | None" = None,
    ) -> None:
        """Run the program; `count` finds progress in a line of its output."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a program has come."""

    detail: str
    done: int
    total: int


def clean_environment() -> dict[str, str]:
    """Return the few variables that programs of ours may see."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {"PYTHONNOUSERSITE": "1", "PYTHONWARNINGS": "ignore"}


def count_of(word: str, total: int) -> Callable[[str], Progress | None]:
    """Return a function that counts the lines with this word, whose next word is the detail."""
    done = 0

    def count(line: str) -> Progress | None:
        nonlocal done
        _, found, rest = line.partition(word)
        if not found:
            return None
        done += 1
        return Progress(rest.split("=")[0].split(" ")[0].strip(), min(done, total), total)

    return count


@contextmanager
def run_step(step: str, title: str, log: Path, observer: Observer) -> Iterator[Run]:
    """Report a step, whose body runs programs by what this yields.

    Raises:
        SandboxFailed: a program failed; names the log and shows the lines that tell why.
    """
    started = time.monotonic()
    observer.notify(StepStarted(step, title))

    def run(
        command: Sequence[str],
        variables: Mapping[str, str],
        *,
        count: Callable[[str], Progress | None] | None = None,
    ) -> None:
        for line in _lines(command, variables, log, title):
            progress = count(line) if count else None
            if progress:
                observer.notify(StepAdvanced(step, progress.detail, progress.done, progress.total))

    outcome = Outcome.FAILED
    try:
        yield run
        outcome = Outcome.DONE
    finally:
        observer.notify(StepFinished(step, outcome, time.monotonic() - started))


def telling_lines(text: str) -> str:
    """Return the last lines that say why something failed, with what follows the last of them."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    places = [place for place, line in enumerate(lines) if TELLING.search(line)]
    if not places:
        return "\n".join(lines[-SHOWN:])
    after = lines[places[-1] + 1 :][:FOLLOWING]
    return "\n".join([*(lines[place] for place in places), *after][-SHOWN:])


def _lines(
    command: Sequence[str], variables: Mapping[str, str], log: Path, title: str
) -> Iterator[str]:
    """Run the program and yield its output line by line, which goes to the log as well."""
    with (
        log.open("a", encoding="utf-8") as file,
        subprocess.Popen(  # noqa: S603 - our own commands
            command,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        if process.stdout is None:
            raise AssertionError("a pipe was asked for")
        try:
            for line in process.stdout:
                file.write(line)
                yield line
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        telling = telling_lines(log.read_text(encoding="utf-8", errors="replace"))
        raise SandboxFailed(
            f"{title}: {Path(command[0]).name} ended with code {process.returncode}:\n{telling}",
            hint=f"the whole output is in {log}; packages come from where pip is told to get "
            "them: pip config set global.index-url ADDRESS",
        )
