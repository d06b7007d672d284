"""A system in its frozen form: who it belongs to, its nodes, what it gives and uses."""

from dataclasses import dataclass
from datetime import date

from govstack.site.catalog import Adopted
from govstack.site.hardware import Machine
from govstack.site.kinds import (
    Access,
    DataClass,
    DataFormat,
    Domain,
    Importance,
    Layer,
    Opening,
    Port,
    Share,
)


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
    """Equal nodes of one system in one zone; `links` are further zones that they also reach.

    With `machines` each node is on one of them, in this order; else they are cloud servers.
    """

    role: str
    zone: str
    count: int
    flavor: str
    image: str
    links: tuple[str, ...] = ()
    volumes: tuple[Volume, ...] = ()
    floating_ip: bool = False
    anti_affinity: bool = False
    machines: tuple[Machine, ...] = ()

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
