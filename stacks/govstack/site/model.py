"""The frozen form of a site.  Everything here was validated by `site.load`."""

from dataclasses import dataclass, field
from datetime import date
from ipaddress import IPv4Network
from pathlib import Path

from govstack.site.kinds import (
    Access,
    DataClass,
    DataFormat,
    Domain,
    Expired,
    Exposure,
    Importance,
    Layer,
    Mechanism,
    Opening,
    Port,
    Share,
)
from govstack.site.profile import SANDBOX, Profile

PLATFORM = "platform"
"""The id of the system that owns tenancy, zone routers and catalog; no other may take it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """Something that the cloud has already, by name or by id; looked up and never changed."""

    name: str = ""
    id: str = ""

    def __str__(self) -> str:
        return self.name or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A network area with a supernet and an exposure.

    A zone that `holds_data` is never reached from one that faces the Internet.  Its router is
    made, unless it is adopted: then its routes are its owner's business.
    """

    id: str
    name: str
    supernet: IPv4Network
    exposure: Exposure = Exposure.INTERNAL
    routing_domain: str = "core"
    mlps: int = 3
    holds_data: bool = False
    router: Adopted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody to ask in a department."""

    name: str
    duty: str
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """The most that all systems of a department may use together; 0 is no limit."""

    cores: int = 0
    ram_gb: int = 0
    storage_gb: int = 0
    floating_ips: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A department (委办局); `uscc` is its unified social credit code."""

    id: str
    name: str
    uscc: str = ""
    contacts: tuple[Contact, ...] = ()
    quota: Allowance = field(default_factory=Allowance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavor:
    """A class of nodes: what one of them is given; `adopted` if the cloud has it already."""

    id: str
    vcpus: int
    ram_mb: int
    disk_gb: int
    adopted: Adopted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An operating system: an image that the cloud has, or a file to upload.

    A file is uploaded once under a name with its digest, so that a name never changes content.
    """

    id: str
    os_distro: str
    os_version: str = ""
    adopted: Adopted | None = None
    file: str = ""
    sha256: str = ""
    disk_format: str = "qcow2"


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeType:
    """A class of volumes; an encrypted one is always adopted, since its key is the cloud's."""

    id: str
    description: str = ""
    encrypted: bool = False
    adopted: Adopted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPolicy:
    """How often data are copied, and for how long a copy is kept."""

    id: str
    every_hours: int
    keep_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A volume of each node of a group, by its mount point."""

    name: str
    size_gb: int
    mount: str
    type: str = ""
    backup: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeGroup:
    """Equal nodes of one system in one zone; `links` are further zones that they also reach."""

    role: str
    zone: str
    count: int
    flavor: str
    image: str
    links: tuple[str, ...] = ()
    volumes: tuple[Volume, ...] = ()
    floating_ip: bool = False
    anti_affinity: bool = False

    @property
    def zones(self) -> tuple[str, ...]:
        """Return all zones that the nodes have a port in, their own first."""
        return (self.zone, *self.links)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something that a role of a system offers to others, on a port.

    With a `credential` each user gets its own; `balanced` ones are reached through a balancer.
    """

    name: str
    role: str
    port: Port
    credential: bool = False
    balanced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container of the object store; others may use it as a service."""

    name: str
    quota_gb: int = 0
    versioning: bool = False
    access: Access = Access.WRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class FileShare:
    """A shared file system for all nodes of one role."""

    name: str
    role: str
    size_gb: int


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """The use of another system's service or container, written ``system.service``."""

    system: str
    service: str

    def __str__(self) -> str:
        return f"{self.system}.{self.service}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """Data that a system provides to others, through a service; `consumers` are systems."""

    id: str
    name: str
    format: DataFormat
    data_class: DataClass
    share: Share
    condition: str = ""
    opening: Opening = Opening.NONE
    update_cycle: str = ""
    through: Use
    consumers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """The unit of ownership, level, quota and blast radius (业务系统, 定级对象).

    `birth` is the id that it was first declared with: what is in the cloud is named by it, so
    that a system with another id is still the same.
    """

    id: str
    birth: str
    name: str
    layer: Layer
    tenant: str
    domain: Domain
    mlps: int
    owner: str
    importance: Importance
    data_class: DataClass
    filing_number: str = ""
    request: str = ""
    expires: date | None = None
    project: Adopted | None = None
    networks: tuple[tuple[str, Adopted], ...] = ()
    nodes: tuple[NodeGroup, ...] = ()
    offers: tuple[Service, ...] = ()
    containers: tuple[Container, ...] = ()
    shares: tuple[FileShare, ...] = ()
    uses: tuple[Use, ...] = ()
    data_sets: tuple[DataSet, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One allowed path; all else is denied.

    `source` and `destination` name a zone (``MGT``), a system (``inf-bas``), one role of a system
    (``inf-bas/bastion``) or the word ``any`` (every system that can be reached); a source may also
    be ``internet`` or a network outside the site (``192.0.2.0/24``).
    """

    source: str
    destination: str
    ports: tuple[Port, ...]
    purpose: str
    ticket: str = ""
    expires: date | None = None
    mechanism: Mechanism = Mechanism.FIREWALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rules that a site sets for itself."""

    encrypt: tuple[DataClass, ...] = ()
    outside_needs_ticket: bool = True
    expired: Expired = Expired.WARN
    notice_days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of the cloud one run may ask for at once; 0 leaves it to govstack."""

    systems_at_once: int = 0
    calls_at_once: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One realisation of a site.

    `cloud` is an entry of the operator's clouds.yaml, empty for the sandbox, which brings its own.
    """

    name: str
    profile: Profile
    cloud: str = ""
    external_network: str = "public"
    disposable: bool = False
    limits: Limits = field(default_factory=Limits)

    @property
    def is_embedded(self) -> bool:
        """Tell whether it runs on the cloud that govstack brings."""
        return self.profile.name == SANDBOX


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One government cloud in one environment; `root` is its folder.

    `addresses` is the address book as written (``routing-domain/address`` and its holder), kept in
    `address_file`.  `balancers` names the role (``system/role``) that balances where the cloud
    itself does not.
    """

    root: Path
    address_file: Path
    id: str
    code: str
    name: str
    mlps: int
    location: str = ""
    dns_domain: str = ""
    environment: Environment
    transit: IPv4Network
    zones: tuple[Zone, ...]
    tenants: tuple[Tenant, ...]
    flavors: tuple[Flavor, ...]
    images: tuple[Image, ...]
    volume_types: tuple[VolumeType, ...] = ()
    backup_policies: tuple[BackupPolicy, ...] = ()
    balancers: str = ""
    policy: Policy = field(default_factory=Policy)
    systems: tuple[System, ...]
    flows: tuple[Flow, ...]
    addresses: tuple[tuple[str, str], ...] = ()
