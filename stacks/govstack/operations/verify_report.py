"""What the verb `verify` reports."""

from dataclasses import dataclass

FOUND_EXIT = 8
"""The exit code of a verification that found something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as the site says.

    Attributes:
        probe: what was tried.
        host: from where.
        subject: what it was about, such as another host and a port.
        expected: what the site says.
        seen: what was seen.
        why: why the site says so.
        hint: what to do.
    """

    probe: str
    host: str
    subject: str
    expected: str
    seen: str
    why: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """What was tried in an environment, and what was not as it should be.

    Attributes:
        hosts: how many were asked.
        tried: how many things, by probe.
        unasked: hosts that operators cannot come to, so that they were not asked.
    """

    site: str
    name: str
    environment: str
    seconds: float
    hosts: int
    tried: dict[str, int]
    findings: tuple[Finding, ...]
    unasked: tuple[str, ...] = ()
