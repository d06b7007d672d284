"""The plan as values: one stack for the platform and one for each system, in order."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from govstack.site.model import Environment, Flavor, Image, Layer, Port, Volume


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What a system's project may use; equal to what its plan needs."""

    instances: int = 0
    cores: int = 0
    ram_mb: int = 0
    volumes: int = 0
    gigabytes: int = 0
    networks: int = 0
    subnets: int = 0
    ports: int = 0
    floating_ips: int = 0
    security_groups: int = 0
    security_group_rules: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPlan:
    """The Keystone project of one system; `user` is its service user."""

    system: str
    name: str
    user: str
    description: str
    tags: tuple[str, ...]
    quota: Quota


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePlan:
    """How a zone's router reaches another zone."""

    destination: IPv4Network
    next_hop: IPv4Address


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterPlan:
    """The router of one zone; `external` gives it a gateway to the external network."""

    zone: str
    name: str
    description: str
    tags: tuple[str, ...]
    external: bool
    transit_address: IPv4Address
    routes: tuple[RoutePlan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPlan:
    """A system's network in one zone."""

    zone: str
    name: str
    cidr: IPv4Network
    gateway: IPv4Address
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class RulePlan:
    """One ingress rule of a security group; `purpose` says why it is there."""

    port: Port
    remote: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPlan:
    """The security group of one role of a system."""

    role: str
    name: str
    rules: tuple[RulePlan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePlan:
    """One cloud server: its name, place and shape, known before it exists."""

    name: str
    role: str
    number: int
    zone: str
    address: IPv4Address
    provisional: bool
    flavor: str
    image: str
    volumes: tuple[Volume, ...]
    floating_ip: bool
    anti_affinity: bool
    metadata: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointPlan:
    """Where a service of a system is to be found."""

    service: str
    port: Port
    addresses: tuple[IPv4Address, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformPlan:
    """The first stack: tenancy, zone routers, transit and catalog."""

    id: str
    name: str
    layer: Layer
    code: str
    environment: Environment
    transit: IPv4Network
    routers: tuple[RouterPlan, ...]
    flavors: tuple[Flavor, ...]
    images: tuple[Image, ...]
    projects: tuple[ProjectPlan, ...]
    tags: tuple[str, ...]
    upstream: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemPlan:
    """The stack of one system; `upstream` names the stacks that must be there before it.

    What holds its data is `protected` from deletion, unless the environment is disposable.
    """

    id: str
    name: str
    layer: Layer
    tenant: str
    tenant_name: str
    mlps: int
    project: ProjectPlan
    networks: tuple[NetworkPlan, ...]
    groups: tuple[GroupPlan, ...]
    nodes: tuple[NodePlan, ...]
    endpoints: tuple[EndpointPlan, ...]
    tags: tuple[str, ...]
    protected: bool
    upstream: tuple[str, ...]


StackPlan = PlatformPlan | SystemPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole environment: the platform first, then every system after what it needs.

    `provisional` names whoever has no address of its own in the address book.
    """

    site: str
    code: str
    name: str
    environment: Environment
    platform: PlatformPlan
    systems: tuple[SystemPlan, ...]
    provisional: tuple[str, ...]

    @property
    def stacks(self) -> tuple[StackPlan, ...]:
        """Return all stacks, upstream first."""
        return (self.platform, *self.systems)
