"""The frozen form of a site.  Everything here was validated by `site.load`."""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network
from pathlib import Path

PLATFORM = "platform"
"""The id of the system that owns tenancy, zone routers and catalog; no other may take it."""


class Layer(StrEnum):
    """The three layers of smart government, upstream first."""

    INFRASTRUCTURE = "infrastructure"
    DATA_SERVICE = "data-service"
    APPLICATION_SUPPORT = "application-support"


class Exposure(StrEnum):
    """What a zone faces: nothing, the Internet, or the operators."""

    INTERNAL = "internal"
    INTERNET = "internet"
    OPERATIONS = "operations"


class Domain(StrEnum):
    """What part of smart government a system serves (领域); the last four are applications."""

    PLATFORM = "platform"
    G2G = "g2g"
    G2X = "g2x"
    SUPPORT = "support"
    OFFICE = "office"
    REGULATION = "regulation"
    SERVICE = "service"
    DECISION = "decision"


class Importance(StrEnum):
    """How much a system matters (重要程度): 一般, 重要, 关键."""

    NORMAL = "normal"
    IMPORTANT = "important"
    CRITICAL = "critical"


class DataClass(StrEnum):
    """The class of data after GB/T 43697: 一般, 重要, 核心."""

    GENERAL = "general"
    IMPORTANT = "important"
    CORE = "core"


class Protocol(StrEnum):
    """The transport protocol of a port."""

    TCP = "tcp"
    UDP = "udp"


@dataclass(frozen=True, slots=True, order=True)
class Port:
    """A port or range of ports, written ``tcp/5432`` or ``udp/6000-6010``."""

    protocol: Protocol
    first: int
    last: int

    def __str__(self) -> str:
        numbers = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return f"{self.protocol}/{numbers}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A network area with a supernet and an exposure.

    A zone that `holds_data` is never reached from one that faces the Internet.
    """

    id: str
    name: str
    supernet: IPv4Network
    exposure: Exposure = Exposure.INTERNAL
    routing_domain: str = "core"
    mlps: int = 3
    holds_data: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A department (委办局); `uscc` is its unified social credit code."""

    id: str
    name: str
    uscc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavor:
    """A class of nodes: what one of them is given.

    `cloud_name` adopts a flavor of the cloud, which is then looked up and never changed.
    """

    id: str
    vcpus: int
    ram_mb: int
    disk_gb: int
    cloud_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An operating system; `cloud_name` is what the cloud calls its image."""

    id: str
    cloud_name: str
    os_distro: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A volume of each node of a group, by its mount point."""

    name: str
    size_gb: int
    mount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeGroup:
    """Equal nodes of one system in one zone."""

    role: str
    zone: str
    count: int
    flavor: str
    image: str
    volumes: tuple[Volume, ...] = ()
    floating_ip: bool = False
    anti_affinity: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something that a role of a system offers to others, on a port."""

    name: str
    role: str
    port: Port


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """The use of another system's service, written ``system.service``."""

    system: str
    service: str

    def __str__(self) -> str:
        return f"{self.system}.{self.service}"


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """The unit of ownership, level, quota and blast radius (业务系统, 定级对象)."""

    id: str
    name: str
    layer: Layer
    tenant: str
    domain: Domain
    mlps: int
    owner: str
    importance: Importance
    data_class: DataClass
    nodes: tuple[NodeGroup, ...]
    offers: tuple[Service, ...] = ()
    uses: tuple[Use, ...] = ()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One realisation of a site.

    `cloud` is an entry of the operator's clouds.yaml, empty for the sandbox, which brings its own.
    """

    name: str
    profile: str
    cloud: str = ""
    external_network: str = "public"
    disposable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One government cloud in one environment; `root` is its folder."""

    root: Path
    id: str
    code: str
    name: str
    mlps: int
    environment: Environment
    transit: IPv4Network
    zones: tuple[Zone, ...]
    tenants: tuple[Tenant, ...]
    flavors: tuple[Flavor, ...]
    images: tuple[Image, ...]
    systems: tuple[System, ...]
    flows: tuple[Flow, ...]
    addresses: tuple[tuple[str, str], ...] = field(default=())
    """The address book as written: ``routing-domain/address`` (or prefix) and its holder."""
