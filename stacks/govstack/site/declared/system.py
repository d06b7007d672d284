"""The files systems/SYSTEM.yaml: one information system (定级对象) each."""

from typing import Annotated

from pydantic import Field

from govstack.site.declared.base import (
    AdoptedDeclared,
    Count,
    Declared,
    Level,
    Limit,
    Size,
    described,
)
from govstack.site.fields import Date, Id, Mount, PortText, Prose, Text, UseText, ZoneId
from govstack.site.kinds import (
    Access,
    DataClass,
    DataFormat,
    Domain,
    Importance,
    Layer,
    Opening,
    Share,
)

AnyDataClass = Annotated[DataClass, Field(strict=False)]


class VolumeDeclared(Declared):
    """A volume of each node of a group."""

    size_gb: Size = described("size in GiB", 10)
    mount: Mount = described("where it is mounted", "/var/lib/pgsql")
    type: Id = described("class of volumes, from the catalog", "encrypted", "")
    backup: Id = described("how it is copied, from backup_policies", "daily", "")


class GroupDeclared(Declared):
    """Equal nodes of one role in one zone."""

    zone: ZoneId = described("the zone that the nodes are in", "DAT")
    links: list[ZoneId] = described(
        "private zones that exchange nodes also have a port in", ["PRV"], []
    )
    count: Count = described("how many nodes", 2)
    flavor: Id = described("class of nodes, from the catalog", "small")
    image: Id = described("operating system, from the catalog", "linux")
    volumes: dict[Id, VolumeDeclared] = described("volumes of each node by name", {}, {})
    floating_ip: bool = described("reachable from outside the cloud", True, False)  # noqa: FBT003
    machines: list[Id] = described(
        "the machines that the nodes are on, one for each; without, they are cloud servers",
        ["x86-001"],
        [],
    )
    anti_affinity: bool = described("never two on one machine", True, False)  # noqa: FBT003


class ServiceDeclared(Declared):
    """Something that a role offers to other systems."""

    role: Id = described("the role whose nodes offer it", "db")
    port: PortText = described("the port that it listens on", "tcp/5432")
    credential: bool = described("each user gets a password of its own", True, False)  # noqa: FBT003
    balanced: bool = described("reached through a load balancer", True, False)  # noqa: FBT003


class ContainerDeclared(Declared):
    """A container of the object store; other systems use it like a service."""

    quota_gb: Limit = described("the most that it may hold in GiB; 0 is no limit", 100, 0)
    versioning: bool = described("older versions of objects are kept", True, False)  # noqa: FBT003
    access: Annotated[Access, Field(strict=False)] = described(
        "what its users may do with objects", "read", Access.WRITE
    )


class ShareDeclared(Declared):
    """A shared file system for all nodes of one role."""

    role: Id = described("the role whose nodes mount it", "app")
    size_gb: Size = described("size in GiB", 100)


class DataSetDeclared(Declared):
    """Data that the system provides to others (政务数据资源)."""

    name: Text = described("what people call the data", "企业登记信息")
    format: Annotated[DataFormat, Field(strict=False)] = described("how it is handed over", "api")
    data_class: AnyDataClass = described("the class of these data", "general", DataClass.GENERAL)
    share: Annotated[Share, Field(strict=False)] = described(
        "who may consume it (共享类型)", "conditional"
    )
    condition: Prose = described("on what condition, if there is one", "依申请，经主管部门批准", "")
    opening: Annotated[Opening, Field(strict=False)] = described(
        "whether it is open to the public (开放类型)", "none", Opening.NONE
    )
    update_cycle: Text = described("how often it changes", "每日", "")
    through: UseText = described("the service that hands it over", "dat-exc.api")
    consumers: list[Id] = described("systems that consume it", ["app-mkt"], [])


class SystemDeclared(Declared):
    """A file systems/SYSTEM.yaml: one information system (定级对象)."""

    id: Id = described("the system's id", "dat-rdb")
    renamed_from: Id = described(
        "the id that it was first declared with, if it has another now; kept for good",
        "dat-database",
        "",
    )
    name: Text = described("what people call the system", "关系数据库服务")
    layer: Annotated[Layer, Field(strict=False)] = described(
        "one of the three layers", "data-service"
    )
    tenant: Id = described("the department that owns it", "dsjj")
    domain: Annotated[Domain, Field(strict=False)] = described(
        "what part of government it serves", "office"
    )
    mlps: Level = described("the system's MLPS level", 3)
    filing_number: Text = described("its MLPS filing number (备案号)", "35010043001-26001", "")
    owner: Text = described("the unit that answers for it (责任部门)", "大数据局数据资源处")
    importance: Annotated[Importance, Field(strict=False)] = described(
        "how much it matters (重要程度)", "important"
    )
    data_class: AnyDataClass = described("the highest class of its data (GB/T 43697)", "general")
    request: Text = described("the request for its resources (申请单号)", "YZ-2026-0031", "")
    expires: Date | None = described("the last day that it is granted for", "2028-12-31", None)
    project: AdoptedDeclared | None = described(
        "a project that the cloud has already; its quota stays as it is", {}, None
    )
    networks: dict[ZoneId, AdoptedDeclared] = described(
        "networks of the project that the cloud has already, by zone", {}, {}
    )
    nodes: dict[Id, GroupDeclared] = described("groups of equal nodes by role", {}, {})
    offers: dict[Id, ServiceDeclared] = described("services for other systems by name", {}, {})
    containers: dict[Id, ContainerDeclared] = described(
        "containers of the object store by name", {}, {}
    )
    shares: dict[Id, ShareDeclared] = described("shared file systems by name", {}, {})
    uses: list[UseText] = described(
        "services and containers of other systems", ["dat-rdb.postgresql"], []
    )
    data_sets: dict[Id, DataSetDeclared] = described("data for other systems by id", {}, {})
