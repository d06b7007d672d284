"""Which optional services somebody has asked for: a file that only grows.

The supervisor reads it when it starts and when it is told to; ``govstack_sandbox.wanted`` is its
side.  Each request has a number, which the supervisor's report repeats once it is heeded, so that
whoever asked does not take an older report for an answer.
"""

import fcntl
import json
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from govstack.errors import SandboxFailed, UnknownSelection
from govstack.sandbox.layout import Layout

OPTIONAL: Final = ("barbican", "designate", "octavia", "swift")
"""What a cloud has only if somebody needs it: secrets, names, load balancers, objects."""
FORMAT: Final = 1
ANEW: Final = "govstack sandbox reset makes the cloud anew; all that is in it is lost"


@dataclass(frozen=True, slots=True)
class Request:
    """What is waited for.

    Attributes:
        services: the optional services that were asked for, besides the cloud itself.
        number: of the request, 0 if nobody has ever asked for any.
        adds: whether the cloud runs already.
    """

    services: frozenset[str]
    number: int = 0
    adds: bool = False

    @property
    def title(self) -> str:
        """Return what is done about it."""
        if self.adds:
            return f"Add {', '.join(sorted(self.services))} to the embedded cloud"
        return "Start the embedded cloud"


def check(services: Collection[str]) -> frozenset[str]:
    """Return the services' names.

    Raises:
        UnknownSelection: one of them is no optional service.
    """
    unknown = sorted(set(services) - set(OPTIONAL))
    if unknown:
        raise UnknownSelection(
            f"the embedded cloud has no optional service {', '.join(unknown)}",
            hint=f"there are: {', '.join(OPTIONAL)}",
        )
    return frozenset(services)


def ask(root: Path, services: frozenset[str], template: Path) -> int:
    """Write down that these services are wanted too; return the number of the request.

    Nothing is written, and the number is 0, while nobody has ever wanted any.
    """
    layout = Layout(root)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    layout.run.mkdir(mode=0o700, exist_ok=True)
    with _alone(layout.asking):
        number, known = _read(layout.wanted)
        if not services | known:
            return 0
        document = {
            "format": FORMAT,
            "request": number + 1,
            "services": sorted(services | known),
            "template": str(template),
        }
        _write(layout.wanted, json.dumps(document, indent=1))
    return number + 1


def _read(path: Path) -> tuple[int, frozenset[str]]:
    """Return number and services of the last request.

    Raises:
        SandboxFailed: the file is broken, or its format is not known.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        known = document["format"] == FORMAT
        number, services = int(document["request"]), frozenset(document["services"])
    except FileNotFoundError:
        return 0, frozenset()
    except (ValueError, KeyError, TypeError) as error:
        raise SandboxFailed(f"{path} cannot be read: {error!r}", hint=ANEW) from error
    if not known:
        raise SandboxFailed(
            f"{path} has format {document['format']}, and this govstack knows format {FORMAT}",
            hint=ANEW,
        )
    return number, services


def _write(path: Path, text: str) -> None:
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.rename(path)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock in this file, which nobody holds for long."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
