"""The files environments/ENVIRONMENT.yaml and profiles of clouds."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from govstack.site.declared.base import CloudName, Declared, Limit, described
from govstack.site.fields import Id, KeyAddress, Prose, StoreAddress
from govstack.site.profile import Balancing, Keys, Naming, Objects, Shares, Tenancy

AnyBalancing = Annotated[Balancing, Field(strict=False)]
AnyNaming = Annotated[Naming, Field(strict=False)]
AnyKeys = Annotated[Keys, Field(strict=False)]
AnyObjects = Annotated[Objects, Field(strict=False)]
AnyShares = Annotated[Shares, Field(strict=False)]
AnyTenancy = Annotated[Tenancy, Field(strict=False)]


class ProfileDeclared(Declared):
    """A file profiles/PROFILE.yaml: what a kind of cloud can do, with the sources of that."""

    product: Prose = described("the product, with its versions", "OpenStack 2024.1 to 2026.2")
    sources: list[Prose] = described("where these facts come from", [], [])
    untested: Prose = described("what could not be tried", "no such cloud was at hand", "")
    refused: Prose = described("why it cannot be used, if so", "has no OpenStack API", "")
    tenancy: AnyTenancy = described("how departments show in Keystone", "parent", Tenancy.FLAT)
    load_balancer: AnyBalancing = described("who balances", "octavia", Balancing.NONE)
    dns: AnyNaming = described("who answers for names", "designate", Naming.NODES)
    key_manager: AnyKeys = described("where credentials go", "barbican", Keys.VAULT)
    object_store: AnyObjects = described("what holds objects", "swift", Objects.NONE)
    shared_file_systems: AnyShares = described("what holds file systems", "manila", Shares.NONE)
    makes_flavors: bool = described("whether we may make flavors", True, True)  # noqa: FBT003
    makes_volume_types: bool = described("whether we may make volume types", True, True)  # noqa: FBT003
    floating_ips: bool = described("whether it has floating IPs", True, True)  # noqa: FBT003
    server_groups: bool = described("whether it keeps servers apart", True, True)  # noqa: FBT003
    hosts: bool = described("whether one logs in to servers by key", True, False)  # noqa: FBT003


class CapabilitiesDeclared(Declared):
    """What one cloud can do differently from its profile."""

    tenancy: AnyTenancy | None = described("how departments show in Keystone", "parent", None)
    load_balancer: AnyBalancing | None = described("who balances", "octavia", None)
    dns: AnyNaming | None = described("who answers for names", "designate", None)
    key_manager: AnyKeys | None = described("where credentials go", "barbican", None)
    object_store: AnyObjects | None = described("what holds objects", "swift", None)
    shared_file_systems: AnyShares | None = described("what holds file systems", "manila", None)
    makes_flavors: bool | None = described("whether we may make flavors", True, None)  # noqa: FBT003
    makes_volume_types: bool | None = described("whether we may make volume types", True, None)  # noqa: FBT003
    floating_ips: bool | None = described("whether it has floating IPs", True, None)  # noqa: FBT003
    server_groups: bool | None = described("whether it keeps servers apart", True, None)  # noqa: FBT003
    hosts: bool | None = described("whether one logs in to servers by key", True, None)  # noqa: FBT003


class LimitsDeclared(Declared):
    """How much of the cloud one run may ask for, and for how long; 0 leaves it to govstack."""

    systems_at_once: Limit = described("systems that are made side by side", 4, 0)
    calls_at_once: Annotated[int, Field(ge=0, le=16)] = described(
        "calls under way for one system", 8, 0
    )
    patience_seconds: Annotated[int, Field(ge=0, le=3600)] = described(
        "how long a call that fails is repeated, and a run tries again; 120 if not said", 300, 0
    )
    settle_seconds: Annotated[int, Field(ge=0, le=600)] = described(
        "how long a server or balancer may take to become ready; 600 if not said", 300, 0
    )


class EnvironmentDeclared(Declared):
    """A file environments/ENVIRONMENT.yaml: one realisation of the site."""

    profile: Id = described("what kind of cloud it is", "openstack")
    capabilities: CapabilitiesDeclared = described(
        "what this cloud can do differently from its profile", {}, CapabilitiesDeclared()
    )
    cloud: CloudName = described("entry of the operator's clouds.yaml", "yunzhou", "")
    external_network: CloudName = described("the cloud's network to outside", "public", "public")
    disposable: bool = described("may be thrown away with its data", True, False)  # noqa: FBT003
    backend: StoreAddress = described(
        "where its state is kept; below the user's own state folder without it",
        "s3://govstack-state/yunzhou?endpoint=https://s3.example.gov.cn&region=cn-north-1",
        "",
    )
    encrypt_state: bool = described(
        "keep nothing of its state in clear between runs",
        True,  # noqa: FBT003
        False,  # noqa: FBT003
    )
    secrets: KeyAddress = described(
        "the key of a key manager that protects its secrets; a passphrase does without it",
        "hashivault://yunzhou-production",
        "",
    )
    limits: LimitsDeclared = described(
        "how much of the cloud one run may ask for, and for how long", {}, LimitsDeclared()
    )
    overlays: list[Id] = described(
        "folders of overlays/ that are laid over the site, in this order", ["large"], []
    )
    site: Mapping[str, Any] = described("changes to site.yaml, merged over it", {}, {})
    systems: Mapping[str, Any] = described("changes to systems, by id", {}, {})
