"""What may stand in a site's YAML files.  Private to this package: `convert` makes it frozen.

A field's description and example are shown in editors, in the reference and in hints.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from govstack.site.fields import Id, Mount, Network, PortText, Text, Uscc, UseText, ZoneId
from govstack.site.model import DataClass, Domain, Exposure, Importance, Layer

FORMAT: Final = 1
"""The number of this form of the files; a newer one is refused."""

HIGHEST_MLPS: Final = 3
"""What lies above level 3, and all that is classified, does not belong on such a platform."""


class Declared(BaseModel):
    """A section of a file: no unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _field(description: str, example: object, default: Any = ...) -> Any:  # noqa: ANN401 - as Field
    return Field(default=default, description=description, examples=[example])


def _some(description: str, example: object, default: Any = ...) -> Any:  # noqa: ANN401 - as Field
    return Field(default=default, description=description, examples=[example], min_length=1)


Level = Annotated[int, Field(ge=1, le=HIGHEST_MLPS)]
Count = Annotated[int, Field(ge=1, le=999)]
Size = Annotated[int, Field(ge=1)]
CloudName = Annotated[str, Field(min_length=1, max_length=255)]
AnyExposure = Annotated[Exposure, Field(strict=False)]
AnyLayer = Annotated[Layer, Field(strict=False)]
AnyDomain = Annotated[Domain, Field(strict=False)]
AnyImportance = Annotated[Importance, Field(strict=False)]
AnyDataClass = Annotated[DataClass, Field(strict=False)]


class ZoneDeclared(Declared):
    """A network area (网络区域)."""

    name: Text = _field("what people call the zone", "数据区")
    supernet: Network = _field("all subnets of the zone lie in it", "10.40.0.0/16")
    exposure: AnyExposure = _field("what the zone faces", "internal", Exposure.INTERNAL)
    routing_domain: Id = _field("addresses are unique within one", "core", "core")
    mlps: Level = _field("highest MLPS level (等保级别) in the zone", 3, HIGHEST_MLPS)
    holds_data: bool = _field("never reached from zones that face the Internet", True, False)  # noqa: FBT003


class TenantDeclared(Declared):
    """A department (委办局)."""

    name: Text = _field("what people call the department", "大数据局")
    uscc: Uscc = _field("unified social credit code", "91350100M000100Y43", "")


class FlavorDeclared(Declared):
    """A class of nodes."""

    vcpus: Size = _field("virtual processors", 1)
    ram_mb: Size = _field("memory in MiB", 512)
    disk_gb: Size = _field("system disk in GiB", 5)
    cloud_name: CloudName = _field("a flavor that the cloud has already", "s6.small.1", "")


class ImageDeclared(Declared):
    """An operating system that nodes start from."""

    cloud_name: CloudName = _field("the image's name in the cloud", "openEuler-22.03-LTS-SP4")
    os_distro: Id = _field("the operating system", "openeuler")


class CatalogDeclared(Declared):
    """What nodes may be made from."""

    flavors: dict[Id, FlavorDeclared] = _some("classes of nodes by id", {})
    images: dict[Id, ImageDeclared] = _some("operating systems by id", {})


class FlowDeclared(Declared):
    """One allowed path; all else is denied."""

    source: str = Field(
        alias="from",
        description="a zone, a system, system/role, any, internet, or an outside network",
        examples=["inf-bas"],
    )
    destination: str = Field(
        alias="to", description="a zone, a system, system/role, or any", examples=["app-oa"]
    )
    ports: list[PortText] = _some("ports that may be reached", ["tcp/443"])
    purpose: Text = _field("why the path is needed, for whoever reviews it", "运维登录")
    ticket: Text = _field("the request that it was approved by", "YZ-2026-0012", "")


class SiteDeclared(Declared):
    """The file site.yaml."""

    format: Literal[1] = Field(description="the form of these files", examples=[FORMAT])
    id: Id = _field("the site's id, never changed", "yunzhou")
    code: Id = _field("begins every name in the cloud, never changed", "yz")
    name: Text = _field("what people call the cloud", "云州市政务云")
    mlps: Level = _field("MLPS level of the platform", 3)
    transit: Network = _field("joins the routers of the zones", "10.255.0.0/24")
    zones: dict[ZoneId, ZoneDeclared] = _some("network areas by id", {})
    tenants: dict[Id, TenantDeclared] = _some("departments by id", {})
    catalog: CatalogDeclared = Field(description="what nodes may be made from", examples=[{}])
    flows: list[FlowDeclared] = Field(
        default=[], description="allowed paths besides those that `uses` makes", examples=[[]]
    )


class VolumeDeclared(Declared):
    """A volume of each node of a group."""

    size_gb: Size = _field("size in GiB", 10)
    mount: Mount = _field("where it is mounted", "/var/lib/pgsql")


class GroupDeclared(Declared):
    """Equal nodes of one role in one zone."""

    zone: ZoneId = _field("the zone that the nodes are in", "DAT")
    count: Count = _field("how many nodes", 2)
    flavor: Id = _field("class of nodes, from the catalog", "small")
    image: Id = _field("operating system, from the catalog", "linux")
    volumes: dict[Id, VolumeDeclared] = _field("volumes of each node by name", {}, {})
    floating_ip: bool = _field("reachable from outside the cloud", True, False)  # noqa: FBT003
    anti_affinity: bool = _field("never two on one machine", True, False)  # noqa: FBT003


class ServiceDeclared(Declared):
    """Something that a role offers to other systems."""

    role: Id = _field("the role whose nodes offer it", "db")
    port: PortText = _field("the port that it listens on", "tcp/5432")


class SystemDeclared(Declared):
    """A file systems/SYSTEM.yaml: one information system (定级对象)."""

    id: Id = _field("the system's id, never changed", "dat-rdb")
    name: Text = _field("what people call the system", "关系数据库服务")
    layer: AnyLayer = _field("one of the three layers", "data-service")
    tenant: Id = _field("the department that owns it", "dsjj")
    domain: AnyDomain = _field("what part of government it serves", "office")
    mlps: Level = _field("the system's MLPS level", 3)
    owner: Text = _field("the unit that answers for it (责任部门)", "大数据局数据资源处")
    importance: AnyImportance = _field("how much it matters (重要程度)", "important")
    data_class: AnyDataClass = _field("the highest class of its data (GB/T 43697)", "general")
    nodes: dict[Id, GroupDeclared] = _some("groups of equal nodes by role", {})
    offers: dict[Id, ServiceDeclared] = _field("services for other systems by name", {}, {})
    uses: list[UseText] = _field("services of other systems", ["dat-rdb.postgresql"], [])


class EnvironmentDeclared(Declared):
    """A file environments/ENVIRONMENT.yaml: one realisation of the site."""

    profile: Literal["sandbox", "openstack"] = Field(
        description="what kind of cloud it is", examples=["openstack"]
    )
    cloud: CloudName = _field("entry of the operator's clouds.yaml", "yunzhou", "")
    external_network: CloudName = _field("the cloud's network to outside", "public", "public")
    disposable: bool = _field("may be thrown away with its data", True, False)  # noqa: FBT003
    site: Mapping[str, Any] = _field("changes to site.yaml, merged over it", {}, {})
    systems: Mapping[str, Any] = _field("changes to systems, by id", {}, {})
