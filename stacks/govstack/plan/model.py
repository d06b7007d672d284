"""The plan as values: one stack for the platform and one for each system, in order."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from govstack.site.catalog import Adopted, Flavor, Image, VolumeType
from govstack.site.hardware import Machine
from govstack.site.kinds import Access, Layer, Port
from govstack.site.model import Environment
from govstack.site.systems import Volume


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
    load_balancers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantPlan:
    """A department: the group that may look at its projects, and their parent if there is one."""

    id: str
    name: str
    description: str
    is_parent: bool
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPlan:
    """The Keystone project of one system; `user` is its service user.

    Its entry in the environment's clouds.yaml goes by the system's first id, `birth`.  `roles` are
    those of the service user.  Of an adopted project neither description nor quota is touched.
    """

    system: str
    birth: str
    tenant: TenantPlan
    name: str
    user: str
    roles: tuple[str, ...]
    description: str
    tags: tuple[str, ...]
    quota: Quota
    adopted: Adopted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePlan:
    """How a zone's router reaches another zone."""

    destination: IPv4Network
    next_hop: IPv4Address


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterPlan:
    """The router of one zone; `external` gives it a gateway to the external network.

    Of an adopted router neither gateway nor routes are touched.
    """

    zone: str
    name: str
    description: str
    tags: tuple[str, ...]
    external: bool
    transit_address: IPv4Address
    routes: tuple[RoutePlan, ...]
    adopted: Adopted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPlan:
    """A system's network in one zone; an adopted one has a router of its own.

    To these `routes` its nodes go by its gateway, even those whose way to elsewhere is another.
    """

    zone: str
    name: str
    cidr: IPv4Network
    gateway: IPv4Address
    routes: tuple[IPv4Network, ...] = ()
    provisional: bool = False
    adopted: Adopted | None = None


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
class LinkPlan:
    """A further port of a node, in another zone."""

    zone: str
    address: IPv4Address
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePlan:
    """One cloud server: its name, place and shape, known before it exists.

    One on a `machine` is none: the cloud holds its port, which is all that it has of it.
    """

    name: str
    role: str
    number: int
    zone: str
    address: IPv4Address
    provisional: bool
    flavor: str
    image: str
    links: tuple[LinkPlan, ...]
    volumes: tuple[Volume, ...]
    floating_ip: bool
    anti_affinity: bool
    metadata: tuple[tuple[str, str], ...]
    machine: Machine | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointPlan:
    """Where a service of a system is to be found; `domain` is its name, if names are given."""

    service: str
    port: Port
    addresses: tuple[IPv4Address, ...]
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancerPlan:
    """A load balancer of the cloud in front of a role; `allowed` may reach it."""

    service: str
    name: str
    zone: str
    address: IPv4Address
    port: Port
    members: tuple[tuple[str, IPv4Address], ...]
    allowed: tuple[str, ...]
    floating_ip: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderPlan:
    """A system whose project may use a container."""

    system: str
    access: Access


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerPlan:
    """A container of the object store, in the system's own project."""

    container: str
    name: str
    quota_gb: int
    versioning: bool
    users: tuple[ReaderPlan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePlan:
    """A shared file system, and the addresses that may mount it."""

    share: str
    name: str
    zone: str
    size_gb: int
    clients: tuple[IPv4Address, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialPlan:
    """A password that this system has for a service of another; `key` names it for good."""

    key: str
    name: str
    service: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformPlan:
    """The first stack: tenancy, zone routers, transit, names and catalog."""

    id: str
    name: str
    layer: Layer
    code: str
    external_network: str
    transit: IPv4Network
    routers: tuple[RouterPlan, ...]
    flavors: tuple[Flavor, ...]
    images: tuple[Image, ...]
    volume_types: tuple[VolumeType, ...]
    projects: tuple[ProjectPlan, ...]
    dns_zone: str
    tags: tuple[str, ...]
    keeps_images: bool
    upstream: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemPlan:
    """The stack of one system; `upstream` names the stacks that must be there before it.

    What holds its data is `protected` from deletion, unless the environment is disposable.
    Things in the cloud are named by `birth`, the id that the system was first declared with.
    Its credentials go into the cloud's key manager, where it `keeps_credentials`.
    Its servers let in whom the SSH authority with the public key `authority` has certified, nobody
    if that is empty.
    """

    id: str
    birth: str
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
    balancers: tuple[BalancerPlan, ...]
    containers: tuple[ContainerPlan, ...]
    shares: tuple[SharePlan, ...]
    credentials: tuple[CredentialPlan, ...]
    keeps_credentials: bool
    tags: tuple[str, ...]
    protected: bool
    upstream: tuple[str, ...]
    authority: str = ""


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
