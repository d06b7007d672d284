"""Asks hosts, by one cheap connection each, what they were last configured with."""

import subprocess
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from govstack.configure.documents import CONFIGURED

AT_ONCE: Final = 6
"""Connections at the same time; a bastion turns new ones away from ten on."""
SECONDS: Final = 60.0
CONNECT_SECONDS: Final = 30
UNREACHED: Final = 255
"""How ssh ends if it could not log in."""


def told_by(configuration: Path, hosts: Collection[str]) -> Mapping[str, tuple[str, str]]:
    """Return of each host the digest that it keeps, and why it could not be asked, if so."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(lambda host: _ask(configuration, host), hosts)
        return dict(zip(hosts, answers, strict=True))


def _ask(configuration: Path, host: str) -> tuple[str, str]:
    command = [
        *("ssh", "-F", str(configuration), "-T"),
        *("-o", "BatchMode=yes", "-o", f"ConnectTimeout={CONNECT_SECONDS}"),
        *(host, f"cat {CONFIGURED}"),
    ]
    try:
        ran = subprocess.run(  # noqa: S603 - our own command
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return "", f"it did not answer within {SECONDS:.0f} s"
    if ran.returncode == UNREACHED:
        said = ran.stderr.strip().splitlines()
        return "", said[-1] if said else "ssh could not log in"
    return ran.stdout.strip(), ""
