"""The platform's stack: what all systems stand on, and nobody but the operator may touch."""

from collections.abc import Mapping

import pulumi

from govstack.layers.catalog import Catalog
from govstack.layers.providers import platform_provider
from govstack.layers.tenancy import Tenancy
from govstack.layers.zones import ZoneRouters
from govstack.plan.model import PlatformPlan
from govstack.values.secret import Secret


def declare_platform(plan: PlatformPlan, passwords: Mapping[str, Secret]) -> None:
    """Declare tenancy, zone routers and catalog, and export what systems consume.

    Args:
        plan: the platform's plan.
        passwords: the password of each service user, by user name.
    """
    provider = platform_provider()
    routers = ZoneRouters(f"{plan.code}-zones", plan, provider)
    catalog = Catalog(f"{plan.code}-catalog", plan, provider)
    tenancy = Tenancy(f"{plan.code}-tenancy", plan.projects, passwords, provider)
    pulumi.export("external_network", plan.environment.external_network)
    pulumi.export("routers", routers.routers)
    pulumi.export("flavors", catalog.flavors)
    pulumi.export("images", catalog.images)
    pulumi.export("projects", tenancy.projects)
