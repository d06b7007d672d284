"""A system's own networks, and the security groups that say who may reach its roles."""

import pulumi
import pulumi_openstack as openstack

from govstack.layers.outputs import PlatformOutputs, later
from govstack.layers.providers import Providers, child
from govstack.plan.model import GroupPlan, NetworkPlan, RulePlan, SystemPlan
from govstack.site.catalog import Adopted


class Networks(pulumi.ComponentResource):
    """One network for each zone that the system is in, joined to that zone's router.

    `networks` and `subnets` are keyed by zone.  A network that the project has already is looked
    up, with its subnet; how it is joined to others is its owner's business.
    """

    def __init__(self, plan: SystemPlan, platform: PlatformOutputs, providers: Providers) -> None:
        super().__init__("govstack:system:Networks", plan.birth)
        self._tags = list(plan.tags)
        self._clouds = providers
        self._joined: dict[str, list[pulumi.Resource]] = {}
        self.networks: dict[str, pulumi.Output[str]] = {}
        self.subnets: dict[str, pulumi.Output[str]] = {}
        for network in plan.networks:
            if network.adopted:
                self._look_up(network, network.adopted)
            else:
                self._add(network, later(platform.routers[network.zone]))
        self.register_outputs({"networks": self.networks})

    def joined(self, zone: str) -> list[pulumi.Resource]:
        """Return what must be there before a node in the zone's network reaches others."""
        return self._joined.get(zone, [])

    def _add(self, plan: NetworkPlan, router_id: pulumi.Output[str]) -> None:
        own = child(self, self._clouds.own)
        network = openstack.networking.Network(plan.name, name=plan.name, tags=self._tags, opts=own)
        inside = child(self, self._clouds.own)
        # Neutron deletes a network with its subnets.
        inside.deleted_with = network
        subnet = openstack.networking.Subnet(
            plan.name,
            name=plan.name,
            network_id=network.id,
            cidr=str(plan.cidr),
            gateway_ip=str(plan.gateway),
            enable_dhcp=False,
            tags=self._tags,
            opts=inside,
        )
        # The zone's router belongs to the platform: a tenant may not plug into it.
        interface = openstack.networking.RouterInterface(
            plan.name,
            router_id=router_id,
            subnet_id=subnet.id,
            opts=child(self, self._clouds.platform),
        )
        routes = [
            openstack.networking.SubnetRoute(
                f"{plan.name}:{destination}",
                subnet_id=subnet.id,
                destination_cidr=str(destination),
                next_hop=str(plan.gateway),
                opts=own,
            )
            for destination in plan.routes
        ]
        self._joined[plan.zone] = [interface, *routes]
        self.networks[plan.zone] = network.id
        self.subnets[plan.zone] = subnet.id

    def _look_up(self, plan: NetworkPlan, adopted: Adopted) -> None:
        options = pulumi.InvokeOutputOptions(parent=self, provider=self._clouds.own)
        network = openstack.networking.get_network_output(
            name=adopted.name or None, network_id=adopted.id or None, opts=options
        )
        self.networks[plan.zone] = network.id
        self.subnets[plan.zone] = openstack.networking.get_subnet_output(
            network_id=network.id, cidr=str(plan.cidr), opts=options
        ).id


class Groups(pulumi.ComponentResource):
    """One security group for each role; `groups` holds their ids by role."""

    def __init__(self, plan: SystemPlan, providers: Providers) -> None:
        super().__init__("govstack:system:Groups", plan.birth)
        self._tags = list(plan.tags)
        self._cloud = providers.own
        self.groups = {group.role: self._group(group) for group in plan.groups}
        self.register_outputs({"groups": self.groups})

    def _group(self, plan: GroupPlan) -> pulumi.Output[str]:
        group = openstack.networking.SecGroup(
            plan.name,
            name=plan.name,
            description="what may reach this role; all else is denied",
            tags=self._tags,
            opts=child(self, self._cloud),
        )
        for rule in plan.rules:
            self._rule(plan, rule, group)
        return group.id

    def _rule(self, plan: GroupPlan, rule: RulePlan, group: openstack.networking.SecGroup) -> None:
        options = child(self, self._cloud)
        # Neutron deletes a group with its rules; one by one, they wait for each other.
        options.deleted_with = group
        # Neutron has no second rule for the same path, not even for the time of a replacement.
        options.delete_before_replace = True
        openstack.networking.SecGroupRule(
            f"{plan.name}:{rule.port}:{rule.remote}",
            security_group_id=group.id,
            direction="ingress",
            ethertype="IPv4",
            protocol=rule.port.protocol.value,
            port_range_min=rule.port.first,
            port_range_max=rule.port.last,
            remote_ip_prefix=rule.remote,
            description=rule.purpose,
            opts=options,
        )
