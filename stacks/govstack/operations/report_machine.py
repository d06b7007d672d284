"""What is reported of this machine: what it has, and the embedded cloud on it, as data."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a prerequisite was found."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One prerequisite: what it is for, what was found, how to mend it."""

    name: str
    verdict: Verdict
    found: str
    purpose: str
    mend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorReport:
    """Every prerequisite of this machine, and of the site if one was named."""

    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceReport:
    """One service of the embedded cloud; `memory_mb` is what it uses alone."""

    name: str
    state: str
    port: int
    pid: int
    restarts: int
    memory_mb: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxReport:
    """The embedded cloud of an environment.

    Attributes:
        clouds: a clouds.yaml for the ordinary openstack client.
        cloud: the entry in it.
        client: an openstack client that is there already.
        dns_port: where it answers questions for names, 0 if it does not.
        dns_domain: what the names of the site's services end in.
        hosts: whether servers are real hosts, and if not, why not.
        faults: what calls to it meet, because somebody wanted it so.
    """

    site: str
    environment: str
    state: str
    auth_url: str
    dns_port: int = 0
    dns_domain: str = ""
    clouds: str
    cloud: str
    client: str
    root: str
    services: tuple[ServiceReport, ...]
    hosts: str = ""
    faults: tuple[str, ...] = ()
