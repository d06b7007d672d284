"""A system as a stack: networks, security groups, nodes; what every layer has in common."""

import pulumi

from govstack.layers.networks import Groups, Networks
from govstack.layers.nodes import Nodes
from govstack.layers.outputs import PlatformOutputs
from govstack.layers.providers import providers_of
from govstack.plan.model import SystemPlan


def declare_system(plan: SystemPlan, platform: PlatformOutputs) -> None:
    """Declare all resources of a system and export what others may consume."""
    providers = providers_of(plan.id)
    networks = Networks(plan, platform, providers)
    groups = Groups(plan, providers)
    nodes = Nodes(plan, platform, networks, groups, providers)
    pulumi.export("networks", networks.networks)
    pulumi.export("nodes", nodes.ids)
    pulumi.export("floating_ips", nodes.floating_ips)
    pulumi.export(
        "endpoints",
        {
            endpoint.service: [f"{address}:{endpoint.port.first}" for address in endpoint.addresses]
            for endpoint in plan.endpoints
        },
    )
