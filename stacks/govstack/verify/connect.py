"""Tries connections from inside a host, many at once, and tells what became of each.

A refused connection came as far as the host it was to, so the path is open; what is not let
through is not answered.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from ipaddress import IPv4Address
from typing import Any, Final

WAIT_SECONDS: Final = 2.0
"""How long an answer may take; one that comes at all comes within milliseconds."""
AT_ONCE: Final = 400
"""Connections that a host tries at the same time: fewer than a process may have open."""


class Answer(StrEnum):
    """What became of an attempt to connect."""

    ANSWERED = "answered"
    REFUSED = "refused"
    NONE = "none"

    @property
    def is_open(self) -> bool:
        """Tell whether the packets came as far as the host that they were to."""
        return self is not Answer.NONE


def connections(targets: Sequence[tuple[IPv4Address, int]]) -> Mapping[str, Any]:
    """Return the step by which the agent tries to connect to addresses and ports."""
    return {
        "kind": "paths",
        "ask": {
            "targets": [(str(address), port) for address, port in targets],
            "at_once": AT_ONCE,
            # Of each so many; the whole step takes as many times that.
            "patience": WAIT_SECONDS,
            "seconds": WAIT_SECONDS * (1 + len(targets) // AT_ONCE),
        },
        "expect": {},
        "within": 0,
        "always": False,
    }


def answers_of(told: Iterable[str]) -> tuple[Answer, ...]:
    """Return what became of each connection, as the agent tells it."""
    return tuple(map(Answer, told))
