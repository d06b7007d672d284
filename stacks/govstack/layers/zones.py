"""The network between systems: a router for each zone, joined by a transit network.

Zones reach each other only by routes that the plan derives from declared flows.
"""

import pulumi
import pulumi_openstack as openstack

from govstack.layers.providers import child
from govstack.plan.model import PlatformPlan, RouterPlan


class ZoneRouters(pulumi.ComponentResource):
    """The routers of all zones; `routers` holds their ids by zone."""

    def __init__(self, name: str, plan: PlatformPlan, provider: openstack.Provider) -> None:
        super().__init__("govstack:infrastructure:ZoneRouters", name)
        self._cloud = provider
        transit = f"{plan.code}-transit"
        self._network = openstack.networking.Network(
            transit,
            name=transit,
            description=f"{plan.name}: between the zones",
            tags=list(plan.tags),
            opts=child(self, provider),
        )
        self._subnet = openstack.networking.Subnet(
            transit,
            name=transit,
            network_id=self._network.id,
            cidr=str(plan.transit),
            no_gateway=True,
            enable_dhcp=False,
            tags=list(plan.tags),
            opts=child(self, provider),
        )
        self.external_network_id = openstack.networking.get_network_output(
            name=plan.external_network,
            external=True,
            opts=pulumi.InvokeOutputOptions(parent=self, provider=provider),
        ).id
        self.routers = {router.zone: self._router(router) for router in plan.routers}
        self.register_outputs({"routers": self.routers})

    def _router(self, plan: RouterPlan) -> pulumi.Output[str]:
        if plan.adopted:
            found = openstack.networking.get_router_output(
                name=plan.adopted.name or None,
                router_id=plan.adopted.id or None,
                opts=pulumi.InvokeOutputOptions(parent=self, provider=self._cloud),
            )
            return found.id
        router = openstack.networking.Router(
            plan.name,
            name=plan.name,
            description=plan.description,
            external_network_id=self.external_network_id if plan.external else None,
            tags=list(plan.tags),
            opts=child(self, self._cloud),
        )
        port = openstack.networking.Port(
            f"{plan.name}-transit",
            name=f"{plan.name}-transit",
            network_id=self._network.id,
            fixed_ips=[
                {"subnet_id": self._subnet.id, "ip_address": str(plan.transit_address)},
            ],
            tags=list(plan.tags),
            opts=child(self, self._cloud),
        )
        interface = openstack.networking.RouterInterface(
            f"{plan.name}-transit",
            router_id=router.id,
            port_id=port.id,
            opts=child(self, self._cloud),
        )
        if plan.routes:
            openstack.networking.RouterRoutesV2(
                plan.name,
                router_id=router.id,
                routes=[
                    {
                        "destination_cidr": str(route.destination),
                        "next_hop": str(route.next_hop),
                    }
                    for route in plan.routes
                ],
                opts=child(self, self._cloud, depends_on=[interface]),
            )
        return router.id
