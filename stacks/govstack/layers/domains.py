"""Names of services, where the cloud answers for names: the site's zone, and a system's records."""

import pulumi
import pulumi_openstack as openstack

from govstack.layers.outputs import PlatformOutputs, later
from govstack.layers.providers import child
from govstack.plan.model import PlatformPlan, SystemPlan

TTL = 300
"""Seconds that a name may be remembered for; addresses of services seldom change."""


class DnsZone(pulumi.ComponentResource):
    """The DNS zone of the site; `id` is empty where the cloud does not answer for names."""

    def __init__(self, name: str, plan: PlatformPlan, provider: openstack.Provider) -> None:
        super().__init__("govstack:infrastructure:DnsZone", name)
        self.id = pulumi.Output.from_input("")
        if plan.dns_zone:
            zone = openstack.dns.Zone(
                plan.dns_zone,
                name=f"{plan.dns_zone}.",
                type="PRIMARY",
                email=f"hostmaster@{plan.dns_zone}",
                ttl=TTL,
                description=plan.name,
                opts=child(self, provider),
            )
            self.id = zone.id
        self.register_outputs({"id": self.id})


class Names(pulumi.ComponentResource):
    """One record set for each service of a system, in the platform's zone."""

    def __init__(
        self, plan: SystemPlan, platform: PlatformOutputs, provider: openstack.Provider
    ) -> None:
        super().__init__("govstack:system:Names", plan.birth)
        for endpoint in plan.endpoints:
            openstack.dns.RecordSet(
                f"{plan.birth}-{endpoint.service}",
                zone_id=later(platform.dns_zone),
                name=f"{endpoint.domain}.",
                type="A",
                ttl=TTL,
                records=[str(address) for address in endpoint.addresses],
                description=str(endpoint.port),
                opts=child(self, provider),
            )
        self.register_outputs({})
