"""What the verbs report, as data: the contract behind text and JSON alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from govstack.operations.verify_report import LastVerification
from govstack.site.kinds import Layer
from govstack.values.change import Change
from govstack.values.observer import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeReport:
    """One node; addresses are text, `floating_ip` is empty where there is none.

    One on a `machine` tells which.
    """

    name: str
    role: str
    zone: str
    address: str
    floating_ip: str = ""
    machine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemReport:
    """What a run did to one system (or would do), or why it did not."""

    id: str
    name: str
    layer: Layer
    outcome: Outcome
    seconds: float = 0.0
    changes: tuple[Change, ...] = ()
    nodes: tuple[NodeReport, ...] = ()
    resources: int = 0
    error: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """One execution of `preview`, `up` or `down` over the systems that it selected.

    Attributes:
        clouds: path of the clouds.yaml with an entry for each system.
        client: the openstack client to use with it; empty if it is the user's own.
        confirmed: False if the user, having seen the preview, declined.
    """

    verb: str
    site: str
    name: str
    environment: str
    seconds: float
    systems: tuple[SystemReport, ...]
    clouds: str = ""
    client: str = ""
    confirmed: bool = True

    @property
    def has_changes(self) -> bool:
        """Tell whether anything was, or would be, changed."""
        return any(system.changes for system in self.systems)

    @property
    def failures(self) -> tuple[SystemReport, ...]:
        """Return the systems that failed, without those that were only skipped."""
        return tuple(s for s in self.systems if s.outcome is Outcome.FAILED)


class State(StrEnum):
    """What is known of a system."""

    UP = "up"
    ABSENT = "absent"
    PENDING = "pending"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemStatus:
    """A system as last recorded.

    `state` is up (the last run succeeded), absent (never run), pending (a run did not end well)
    or removed (no longer in the site, but still in the cloud).
    """

    id: str
    name: str
    layer: Layer
    state: State
    nodes: tuple[NodeReport, ...]
    resources: int
    updated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """An environment as last recorded.

    Attributes:
        cloud: where it is, and whether it runs.
        clouds: path of the clouds.yaml with an entry for each system.
        client: the openstack client to use with it; empty if it is the user's own.
        verified: what the last verification found; None if there was none.
    """

    site: str
    name: str
    environment: str
    cloud: str
    clouds: str
    systems: tuple[SystemStatus, ...]
    client: str = ""
    verified: LastVerification | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemOutputsReport:
    """What a system's stack gave when it was last run."""

    id: str
    name: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputsReport:
    """The outputs of the selected systems."""

    systems: tuple[SystemOutputsReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationReport:
    """A site that is valid, in numbers."""

    site: str
    name: str
    environment: str
    zones: int
    tenants: int
    systems: int
    nodes: int
    flows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedNetwork:
    """A network that a system will have; provisional until `allocate` has written it down."""

    zone: str
    cidr: str
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedNode:
    """A node as planned; a provisional address may still change."""

    name: str
    role: str
    zone: str
    address: str
    flavor: str
    image: str
    provisional: bool
    machine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRule:
    """One path that the plan opens: who may reach which role on which port, and why."""

    role: str
    remote: str
    port: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedService:
    """A service that the system offers; `domain` is empty where names are not given."""

    name: str
    port: str
    domain: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedContainer:
    """A container in the object store; `users` are the other systems that may use it."""

    name: str
    quota_gb: int
    versioning: bool
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSystem:
    """One system of the plan; `quota` is what its project may use, by kind.

    `credentials` names the services of others that it has a password of its own for.
    """

    id: str
    name: str
    layer: Layer
    tenant: str
    mlps: int
    project: str
    upstream: tuple[str, ...]
    networks: tuple[PlannedNetwork, ...]
    nodes: tuple[PlannedNode, ...]
    rules: tuple[PlannedRule, ...]
    quota: Mapping[str, int]
    services: tuple[PlannedService, ...] = ()
    containers: tuple[PlannedContainer, ...] = ()
    credentials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport:
    """What follows from the site, without asking any cloud; systems in the order they are made."""

    site: str
    name: str
    environment: str
    systems: tuple[PlannedSystem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """One row of the address book: ``routing-domain/address`` and who holds it."""

    place: str
    holder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationReport:
    """What `allocate` added to the address book; with a dry run `written` is False."""

    site: str
    path: str
    added: tuple[Allocation, ...]
    kept: int
    written: bool
