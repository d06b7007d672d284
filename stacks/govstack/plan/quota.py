"""What a system's project may use: what its plan needs, and nothing more."""

from collections.abc import Iterable

from govstack.plan.model import GroupPlan, NetworkPlan, NodePlan, Quota
from govstack.site.model import Flavor

DEFAULT_GROUP_RULES = 4
"""Rules of the security group that every project is born with."""

OWN_RULES = 2
"""Egress rules that every further security group is born with, one for each kind of address."""


def quota_of(
    networks: tuple[NetworkPlan, ...],
    groups: tuple[GroupPlan, ...],
    nodes: tuple[NodePlan, ...],
    flavors: Iterable[Flavor],
) -> Quota:
    """Return the quota that these need; a router's interfaces count for the platform."""
    shapes = {flavor.id: flavor for flavor in flavors}
    volumes = [volume for node in nodes for volume in node.volumes]
    return Quota(
        instances=len(nodes),
        cores=sum(shapes[node.flavor].vcpus for node in nodes),
        ram_mb=sum(shapes[node.flavor].ram_mb for node in nodes),
        volumes=len(volumes),
        gigabytes=sum(volume.size_gb for volume in volumes),
        networks=len(networks),
        subnets=len(networks),
        ports=len(nodes),
        floating_ips=sum(node.floating_ip for node in nodes),
        security_groups=len(groups) + 1,
        security_group_rules=DEFAULT_GROUP_RULES
        + sum(OWN_RULES + len(group.rules) for group in groups),
    )
