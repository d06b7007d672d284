"""What a system's project may use: what its plan needs, and room for the way that clouds count.

Neutron counts a thing twice for the moment between making it and giving up its reservation, so
each kind of its quotas has room for the calls that one stack makes at once.
"""

from collections.abc import Iterable
from typing import Final

from govstack.plan.model import BalancerPlan, GroupPlan, NetworkPlan, NodePlan, Quota
from govstack.site.catalog import Flavor

CALLS_AT_ONCE: Final = 16
"""How many calls the engine has under way for one stack."""

DEFAULT_GROUP_RULES: Final = 4
"""Rules of the security group that every project is born with."""

RACE: Final = 4
"""Room for Neutron's reckoning: of two first calls at once, each reckons with the default group."""

OWN_RULES: Final = 2
"""Egress rules that every further security group is born with, one for each kind of address."""


def quota_of(
    networks: tuple[NetworkPlan, ...],
    groups: tuple[GroupPlan, ...],
    nodes: tuple[NodePlan, ...],
    balancers: tuple[BalancerPlan, ...],
    flavors: Iterable[Flavor],
) -> Quota:
    """Return the quota that these need; a router's interfaces count for the platform."""
    shapes = {flavor.id: flavor for flavor in flavors}
    own = [network for network in networks if not network.adopted]
    rules = DEFAULT_GROUP_RULES + sum(OWN_RULES + len(group.rules) for group in groups)
    volumes = [volume for node in nodes for volume in node.volumes]
    ports = sum(1 + len(node.links) for node in nodes) + len(balancers)
    floating = sum(node.floating_ip for node in nodes)
    floating += sum(balancer.floating_ip for balancer in balancers)
    servers = [node for node in nodes if node.machine is None]
    return Quota(
        instances=len(servers),
        cores=sum(shapes[node.flavor].vcpus for node in servers),
        ram_mb=sum(shapes[node.flavor].ram_mb for node in servers),
        volumes=len(volumes),
        gigabytes=sum(volume.size_gb for volume in volumes),
        networks=_counted_twice(len(own)),
        subnets=_counted_twice(len(own)),
        ports=_counted_twice(ports),
        floating_ips=_counted_twice(floating),
        security_groups=_counted_twice(len(groups) + 1),
        security_group_rules=_counted_twice(rules) + RACE,
        load_balancers=len(balancers),
    )


def _counted_twice(need: int) -> int:
    return need + min(max(need - 1, 0), CALLS_AT_ONCE)
