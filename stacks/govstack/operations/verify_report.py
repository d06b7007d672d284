"""What the verb `verify` reports."""

from dataclasses import dataclass, field

from govstack.values.observer import Outcome

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
class ProbeReport:
    """A probe of a service that was tried.

    Attributes:
        probe: role and probe.
        title: what is so, if all is well.
        host: from where it was tried.
        server: the host whose role was proven.
        subject: what it was tried with, where it is tried with several things.
    """

    probe: str
    title: str
    host: str
    server: str
    subject: str
    outcome: Outcome
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Untried:
    """A probe that could not be tried, with the reason."""

    probe: str
    host: str
    server: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Omitted:
    """A role whose probes were not tried on some hosts, with the reason."""

    role: str
    hosts: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """What was tried in an environment, and what was not as it should be.

    Attributes:
        hosts: how many were asked.
        tried: how many things, by kind.
        unasked: hosts that operators cannot come to, so that they were not asked.
        unconfigured: hosts that were never configured, so that they serve nothing yet.
        omitted: roles that hosts do without.
        probes: of services.
        untried: probes that could not be tried.
    """

    site: str
    name: str
    environment: str
    seconds: float
    hosts: int
    tried: dict[str, int]
    findings: tuple[Finding, ...]
    unasked: tuple[str, ...] = ()
    unconfigured: tuple[str, ...] = ()
    omitted: tuple[Omitted, ...] = ()
    probes: tuple[ProbeReport, ...] = field(default=())
    untried: tuple[Untried, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyChange:
    """What has changed between two verifications.

    Attributes:
        when: the second one ended, as ISO 8601 has it.
        appeared: what is no longer as it should be.
        mended: what is as it should be again.
        left: how many things are not as they should be now.
        trouble: why it could not be verified at all.
    """

    when: str
    appeared: tuple[Finding, ...]
    mended: tuple[Finding, ...]
    left: int
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProbe:
    """A probe that there is.

    Attributes:
        asked_from: from which hosts it is tried, in the words of the role's file.
        hosts: how many hosts have the role that it proves.
        disturbs: whether it is tried with --disturb only.
    """

    probe: str
    title: str
    asked_from: str
    hosts: int
    disturbs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeList:
    """The probes of an environment's roles."""

    site: str
    name: str
    environment: str
    probes: tuple[ListedProbe, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LastVerification:
    """What the last verification found.

    Attributes:
        when: it ended, as ISO 8601 has it.
        whole: whether all hosts and all probes were tried.
        tried: how many things, by kind.
        findings: how many were not as they should be.
    """

    when: str
    whole: bool
    tried: dict[str, int]
    findings: int
