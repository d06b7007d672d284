"""A system as a stack: what every layer has in common, and what some systems also have."""

from collections.abc import Mapping

import pulumi

from govstack.layers.balancers import Balancers
from govstack.layers.credentials import Credentials
from govstack.layers.domains import Names
from govstack.layers.networks import Groups, Networks
from govstack.layers.nodes import Nodes
from govstack.layers.outputs import PlatformOutputs
from govstack.layers.providers import providers_of
from govstack.layers.storage import Containers, FileShares
from govstack.plan.model import SystemPlan
from govstack.values.secret import Secret


def declare_system(
    plan: SystemPlan, platform: PlatformOutputs, secrets: Mapping[str, Secret]
) -> None:
    """Declare all resources of a system and export what others may consume.

    Args:
        plan: the system's plan.
        platform: what the platform gives.
        secrets: a password for each of the system's credentials, by its key.
    """
    providers = providers_of(plan.birth)
    networks = Networks(plan, platform, providers)
    groups = Groups(plan, providers)
    nodes = Nodes(plan, platform, networks, groups, providers)
    floating_ips = nodes.floating_ips
    if plan.balancers:
        floating_ips |= Balancers(plan, platform, networks, providers).floating_ips
    if plan.endpoints and platform.dns_zone:
        Names(plan, platform, providers.platform)
    if plan.containers:
        Containers(plan, platform, providers.own)
    if plan.shares:
        FileShares(plan, providers.own)
    if plan.credentials:
        Credentials(plan, secrets, providers.own)
    pulumi.export("networks", networks.networks)
    pulumi.export("nodes", nodes.ids)
    pulumi.export("floating_ips", floating_ips)
    pulumi.export(
        "endpoints",
        {
            endpoint.service: [f"{address}:{endpoint.port.first}" for address in endpoint.addresses]
            for endpoint in plan.endpoints
        },
    )
