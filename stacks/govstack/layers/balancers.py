"""Load balancers of the cloud in front of a system's roles, one for each balanced service."""

import pulumi
import pulumi_openstack as openstack

from govstack.layers.networks import Networks
from govstack.layers.outputs import PlatformOutputs
from govstack.layers.providers import Providers, child
from govstack.plan.model import BalancerPlan, SystemPlan
from govstack.site.kinds import Protocol

METHOD = "LEAST_CONNECTIONS"
CHECK_SECONDS = 5
CHECKS = 3
"""How often and how many times a member must be silent before it is left out."""


class Balancers(pulumi.ComponentResource):
    """All balancers of a system; `floating_ips` are keyed by service."""

    def __init__(
        self,
        plan: SystemPlan,
        platform: PlatformOutputs,
        networks: Networks,
        providers: Providers,
    ) -> None:
        super().__init__("govstack:system:Balancers", plan.birth)
        self._plan = plan
        self._platform = platform
        self._networks = networks
        self._cloud = providers.own
        self.floating_ips: dict[str, pulumi.Output[str]] = {}
        for balancer in plan.balancers:
            self._add(balancer)
        self.register_outputs({"floating_ips": self.floating_ips})

    def _add(self, plan: BalancerPlan) -> None:
        options = child(self, self._cloud)
        made = openstack.loadbalancer.LoadBalancer(
            plan.name,
            name=plan.name,
            description=f"{self._plan.name}: {plan.service}",
            vip_subnet_id=self._networks.subnets[plan.zone],
            vip_address=str(plan.address),
            tags=list(self._plan.tags),
            opts=options,
        )
        protocol = "UDP" if plan.port.protocol is Protocol.UDP else "TCP"
        listener = openstack.loadbalancer.Listener(
            plan.name,
            name=plan.name,
            loadbalancer_id=made.id,
            protocol=protocol,
            protocol_port=plan.port.first,
            allowed_cidrs=list(plan.allowed),
            opts=options,
        )
        pool = openstack.loadbalancer.Pool(
            plan.name,
            name=plan.name,
            listener_id=listener.id,
            protocol=protocol,
            lb_method=METHOD,
            opts=options,
        )
        self._members(plan, pool)
        if plan.floating_ip:
            self.floating_ips[plan.service] = self._floating_ip(plan, made)

    def _members(self, plan: BalancerPlan, pool: openstack.loadbalancer.Pool) -> None:
        openstack.loadbalancer.Members(
            plan.name,
            pool_id=pool.id,
            members=[
                {
                    "name": name,
                    "address": str(address),
                    "protocol_port": plan.port.first,
                    "subnet_id": self._networks.subnets[plan.zone],
                }
                for name, address in plan.members
            ],
            opts=child(self, self._cloud),
        )
        openstack.loadbalancer.Monitor(
            plan.name,
            name=plan.name,
            pool_id=pool.id,
            type="UDP-CONNECT" if plan.port.protocol is Protocol.UDP else "TCP",
            delay=CHECK_SECONDS,
            timeout=CHECK_SECONDS,
            max_retries=CHECKS,
            opts=child(self, self._cloud),
        )

    def _floating_ip(
        self, plan: BalancerPlan, balancer: openstack.loadbalancer.LoadBalancer
    ) -> pulumi.Output[str]:
        made = openstack.networking.FloatingIp(
            plan.name,
            pool=self._platform.external_network,
            port_id=balancer.vip_port_id,
            description=plan.name,
            tags=list(self._plan.tags),
            opts=child(self, self._cloud, depends_on=self._networks.joined(plan.zone)),
        )
        return made.address
