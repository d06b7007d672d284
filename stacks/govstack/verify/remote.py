"""Runs a command on a host by ssh, with what it is to read; nobody is there to be asked."""

import subprocess
from pathlib import Path
from typing import Final

CONNECT_SECONDS: Final = 30
SECONDS: Final = 120.0


def run_there(
    configuration: Path, host: str, command: str, text: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of the host's shell, and return what became of it.

    Args:
        configuration: of ssh, which says how the host is come to and known.
        host: its name there.
        command: what its shell is to run.
        text: what the command reads.

    Raises:
        TimeoutExpired: it has not ended within `SECONDS`.
    """
    line = [
        *("ssh", "-F", str(configuration), "-T", "-o", "BatchMode=yes"),
        *("-o", f"ConnectTimeout={CONNECT_SECONDS}", host, command),
    ]
    return subprocess.run(  # noqa: S603 - our own command
        line, input=text, capture_output=True, text=True, check=False, timeout=SECONDS
    )


def last_words(ran: subprocess.CompletedProcess[str]) -> str:
    """Return the last line of what it complained of, nothing if it did not."""
    return (ran.stderr.strip().splitlines() or [""])[-1]
