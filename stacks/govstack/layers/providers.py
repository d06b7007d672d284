"""The providers of a stack: one for the platform's project, one for the system's own.

Each names an entry of clouds.yaml and nothing else; an entry and a tenant name must never be
combined, since the provider then silently ignores the tenant.
"""

from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack

from govstack.site.model import PLATFORM

RETRIES = 5
"""How often the provider repeats a call that failed on the wire; its own default is never."""


@dataclass(frozen=True, slots=True)
class Providers:
    """Who acts: `platform` may touch routers and tenancy, `own` only the system's project."""

    platform: openstack.Provider
    own: openstack.Provider


def platform_provider() -> openstack.Provider:
    """Return the provider of the platform's project."""
    return openstack.Provider(PLATFORM, cloud=PLATFORM, max_retries=RETRIES)


def providers_of(birth: str) -> Providers:
    """Return the providers of a system's stack; its entry is named by its first id."""
    return Providers(
        platform=platform_provider(),
        own=openstack.Provider(birth, cloud=birth, max_retries=RETRIES),
    )


def child(
    parent: pulumi.Resource,
    provider: openstack.Provider,
    *,
    depends_on: list[pulumi.Resource] | None = None,
) -> pulumi.ResourceOptions:
    """Return the options of a resource inside a component."""
    return pulumi.ResourceOptions(
        parent=parent,
        provider=provider,
        depends_on=depends_on or [],
        custom_timeouts=pulumi.CustomTimeouts(create="10m", update="10m", delete="1m"),
    )
