"""The platform's stack: what all systems stand on, and nobody but the operator may touch."""

from collections.abc import Mapping
from pathlib import Path

import pulumi

from govstack.layers.catalog import Catalog
from govstack.layers.domains import DnsZone
from govstack.layers.providers import platform_provider
from govstack.layers.tenancy import Tenancy
from govstack.layers.zones import ZoneRouters
from govstack.plan.model import PlatformPlan
from govstack.values.secret import Secret


def declare_platform(plan: PlatformPlan, passwords: Mapping[str, Secret], site_root: Path) -> None:
    """Declare tenancy, zone routers, names and catalog, and export what systems consume.

    Args:
        plan: the platform's plan.
        passwords: the password of each service user, by user name.
        site_root: where the files of images are looked for.
    """
    provider = platform_provider()
    routers = ZoneRouters(f"{plan.code}-zones", plan, provider)
    catalog = Catalog(f"{plan.code}-catalog", plan, site_root, provider)
    tenancy = Tenancy(f"{plan.code}-tenancy", plan.projects, passwords, provider)
    names = DnsZone(f"{plan.code}-names", plan, provider)
    pulumi.export("external_network", plan.external_network)
    pulumi.export("routers", routers.routers)
    pulumi.export("flavors", catalog.flavors)
    pulumi.export("images", catalog.images)
    pulumi.export("volume_types", catalog.volume_types)
    pulumi.export("projects", tenancy.projects)
    pulumi.export("dns_zone", names.id)
