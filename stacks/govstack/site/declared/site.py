"""The file site.yaml: zones, departments, catalog, flows, policies."""

from typing import Annotated, Literal

from pydantic import Field

from govstack.site.declared.base import (
    FORMAT,
    HIGHEST_MLPS,
    AdoptedDeclared,
    CloudName,
    Declared,
    Level,
    Limit,
    Size,
    described,
    some,
)
from govstack.site.declared.machines import MachineDeclared
from govstack.site.declared.people import PersonDeclared
from govstack.site.fields import Date, Digest, DnsName, Id, Network, PortText, Text, Uscc, ZoneId
from govstack.site.kinds import DataClass, Expired, Exposure, Mechanism


class ZoneDeclared(Declared):
    """A network area (网络区域)."""

    name: Text = described("what people call the zone", "数据区")
    supernet: Network = described("all subnets of the zone lie in it", "10.40.0.0/16")
    exposure: Annotated[Exposure, Field(strict=False)] = described(
        "what the zone faces", "internal", Exposure.INTERNAL
    )
    routing_domain: Id = described("addresses are unique within one", "core", "core")
    mlps: Level = described("highest MLPS level (等保级别) in the zone", 3, HIGHEST_MLPS)
    holds_data: bool = described("never reached from zones that face the Internet", True, False)  # noqa: FBT003
    router: AdoptedDeclared | None = described(
        "a router that the cloud has already; its routes stay as they are", {}, None
    )


class ContactDeclared(Declared):
    """Somebody to ask in a department."""

    name: Text = described("the person", "张伟")
    duty: Text = described("what to ask about", "系统管理员")
    phone: Text = described("telephone", "0999-1234567", "")
    email: Text = described("electronic mail", "zhangwei@example.org", "")


class AllowanceDeclared(Declared):
    """The most that all systems of a department may use together; 0 is no limit."""

    cores: Limit = described("virtual processors", 64, 0)
    ram_gb: Limit = described("memory in GiB", 256, 0)
    storage_gb: Limit = described("volumes in GiB", 2000, 0)
    floating_ips: Limit = described("addresses outside", 4, 0)


class TenantDeclared(Declared):
    """A department (委办局)."""

    name: Text = described("what people call the department", "大数据局")
    uscc: Uscc = described("unified social credit code", "91350100M000100Y43", "")
    contacts: list[ContactDeclared] = described("whom to ask", [], [])
    quota: AllowanceDeclared = described(
        "the most that its systems may use together", {}, AllowanceDeclared()
    )


class FlavorDeclared(Declared):
    """A class of nodes."""

    vcpus: Size = described("virtual processors", 1)
    ram_mb: Size = described("memory in MiB", 512)
    disk_gb: Size = described("system disk in GiB", 5)
    cloud_name: CloudName = described("a flavor that the cloud has already", "s6.small.1", "")
    cloud_id: CloudName = described("the same, by its id", "6f1d2c7e-...", "")


class ImageDeclared(Declared):
    """An operating system that nodes start from: one of the cloud's, or a file to upload."""

    os_distro: Id = described("the operating system", "openeuler")
    os_version: Text = described("its version", "22.03", "")
    cloud_name: CloudName = described("the image's name in the cloud", "openEuler-22.03-SP4", "")
    cloud_id: CloudName = described("the image's id in the cloud", "6f1d2c7e-...", "")
    file: Text = described("a file to upload, beside site.yaml", "images/openeuler.qcow2", "")
    sha256: Digest = described("the digest of that file", "9f86d081884c7d65...", "")
    disk_format: Literal["qcow2", "raw", "vmdk"] = described("its format", "qcow2", "qcow2")


class VolumeTypeDeclared(Declared):
    """A class of volumes: made, or one that the cloud has already."""

    description: Text = described("what it is for", "数据库数据盘", "")
    encrypted: bool = described("whether the cloud encrypts such volumes", True, False)  # noqa: FBT003
    cloud_name: CloudName = described("the type's name in the cloud", "ssd-luks", "")
    cloud_id: CloudName = described("the type's id in the cloud", "6f1d2c7e-...", "")


class CatalogDeclared(Declared):
    """What nodes may be made from."""

    flavors: dict[Id, FlavorDeclared] = some("classes of nodes by id", {})
    images: dict[Id, ImageDeclared] = some("operating systems by id", {})
    volume_types: dict[Id, VolumeTypeDeclared] = described("classes of volumes by id", {}, {})


class BackupPolicyDeclared(Declared):
    """How often data are copied, and for how long a copy is kept."""

    every_hours: Size = described("hours from one copy to the next", 24)
    keep_days: Size = described("days that a copy is kept", 30)


class PackagesDeclared(Declared):
    """Where hosts take packages from: the site's own repository, which a flow leads them to."""

    suite: Id = described("the suite that is published", "stable", "stable")
    only: bool = described(
        "hosts take packages from nowhere else",
        True,  # noqa: FBT003 - a value of the file, no argument
        False,  # noqa: FBT003
    )
    source: Text = described(
        "a folder of packages to publish, beside site.yaml or wherever a disk was put",
        "packages",
        "",
    )


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
    ports: list[PortText] = some("ports that may be reached", ["tcp/443"])
    purpose: Text = described("why the path is needed, for whoever reviews it", "运维登录")
    ticket: Text = described("the request that it was approved by", "YZ-2026-0012", "")
    expires: Date | None = described("the last day that it is granted for", "2027-06-30", None)
    mechanism: Annotated[Mechanism, Field(strict=False)] = described(
        "what the path goes through", "firewall", Mechanism.FIREWALL
    )


class PolicyDeclared(Declared):
    """Rules that the site sets for itself."""

    encrypt: list[Annotated[DataClass, Field(strict=False)]] = described(
        "classes of data whose volumes must be of an encrypted type", ["important", "core"], []
    )
    outside_needs_ticket: bool = described(
        "a path from outside must name the request that it was approved by",
        True,  # noqa: FBT003 - a value of the file, no argument
        True,  # noqa: FBT003
    )
    expired: Annotated[Expired, Field(strict=False)] = described(
        "what happens to paths and systems past their day: warn, or refuse to go on",
        "warn",
        Expired.WARN,
    )
    notice_days: Limit = described("days before the end that it is spoken of", 30, 30)
    max_deletes: Limit = described(
        "how many resources that hold data one up may delete or replace without being told so; "
        "no limit where the environment is disposable",
        5,
        5,
    )


class SiteDeclared(Declared):
    """The file site.yaml."""

    format: Literal[1] = Field(description="the form of these files", examples=[FORMAT])
    id: Id = described("the site's id, never changed", "yunzhou")
    code: Id = described("begins every name in the cloud, never changed", "yz")
    name: Text = described("what people call the cloud", "云州市政务云")
    mlps: Level = described("MLPS level of the platform", 3)
    location: Text = described("where its machines stand (所处位置)", "云州市大数据中心", "")
    dns_domain: DnsName = described(
        "names of services end in it; without it there are none", "yunzhou.example", ""
    )
    transit: Network = described("joins the routers of the zones", "10.255.0.0/24")
    zones: dict[ZoneId, ZoneDeclared] = some("network areas by id", {})
    tenants: dict[Id, TenantDeclared] = some("departments by id", {})
    catalog: CatalogDeclared = Field(description="what nodes may be made from", examples=[{}])
    machines: dict[Id, MachineDeclared] = described(
        "physical servers that nodes can be on, by id", {}, {}
    )
    backup_policies: dict[Id, BackupPolicyDeclared] = described(
        "how data are copied, for volumes to name", {}, {}
    )
    balancers: str = described(
        "the role that balances where the cloud has no load balancer", "sup-lbs/balancer", ""
    )
    policy: PolicyDeclared = described("rules that the site sets for itself", {}, PolicyDeclared())
    packages: PackagesDeclared = described("where hosts take packages from", {}, PackagesDeclared())
    people: dict[Id, PersonDeclared] = described(
        "who comes to hosts and who signs in to applications, by account", {}, {}
    )
    flows: list[FlowDeclared] = described("allowed paths besides those that `uses` makes", [], [])
