"""The nodes of a system, each with its port, its volumes and, where declared, a floating IP."""

from ipaddress import IPv4Address

import pulumi
import pulumi_openstack as openstack

from govstack.layers.networks import Groups, Networks
from govstack.layers.outputs import PlatformOutputs, later
from govstack.layers.providers import Providers, child
from govstack.plan.labels import volume_labels
from govstack.plan.model import NodePlan, SystemPlan
from govstack.site.systems import Volume
from govstack.trust.birth import AUTOMATION, login_script

BIRTH = ["imageId", "userData", "keyPair", "availabilityZone", "schedulerHints", "configDrive"]
"""What a server is born with: a change would rebuild or replace it, past any protection."""
MACHINE_PORT = "govstack:machine"
"""Whose a machine's port is: it holds the address and the rules, and nothing of nova's.

Not `baremetal:`, since neutron lets nobody but ironic delete those.
"""


class Nodes(pulumi.ComponentResource):
    """All nodes of a system; `ids` and `floating_ips` are keyed by node name."""

    def __init__(
        self,
        plan: SystemPlan,
        platform: PlatformOutputs,
        networks: Networks,
        groups: Groups,
        providers: Providers,
    ) -> None:
        super().__init__("govstack:system:Nodes", plan.birth)
        self._plan = plan
        self._platform = platform
        self._networks = networks
        self._groups = groups
        self._cloud = providers.own
        self._apart = {
            role: self._server_group(role)
            for role in sorted({node.role for node in plan.nodes if node.anti_affinity})
        }
        self._user_data = login_script(plan.authority, AUTOMATION) if plan.authority else None
        self.ids: dict[str, pulumi.Output[str]] = {}
        self.floating_ips: dict[str, pulumi.Output[str]] = {}
        for node in plan.nodes:
            self._node(node)
        self.register_outputs({"ids": self.ids, "floating_ips": self.floating_ips})

    def _server_group(self, role: str) -> pulumi.Output[str]:
        name = f"{self._plan.project.name}-{role}-apart"
        group = openstack.compute.ServerGroup(
            name, name=name, policies="anti-affinity", opts=child(self, self._cloud)
        )
        return group.id

    def _node(self, plan: NodePlan) -> None:
        port = self._port(plan, plan.name, plan.zone, plan.address)
        links = [
            self._port(plan, f"{plan.name}-{link.zone.lower()}", link.zone, link.address)
            for link in plan.links
        ]
        if plan.machine is not None:
            self.ids[plan.name] = port.id
        else:
            server = self._server(plan, [port, *links])
            self.ids[plan.name] = server.id
            for volume in plan.volumes:
                self._volume(plan, volume, server)
        if plan.floating_ip:
            self.floating_ips[plan.name] = self._floating_ip(plan, port)

    def _port(
        self, plan: NodePlan, name: str, zone: str, address: IPv4Address
    ) -> openstack.networking.Port:
        return openstack.networking.Port(
            name,
            name=name,
            network_id=self._networks.networks[zone],
            fixed_ips=[{"subnet_id": self._networks.subnets[zone], "ip_address": str(address)}],
            security_group_ids=[self._groups.groups[plan.role]],
            tags=list(self._plan.tags),
            device_owner=MACHINE_PORT if plan.machine is not None else None,
            device_id=plan.machine.id if plan.machine is not None else None,
            opts=child(self, self._cloud),
        )

    def _server(
        self, plan: NodePlan, ports: list[openstack.networking.Port]
    ) -> openstack.compute.Instance:
        hints: list[openstack.compute.InstanceSchedulerHintArgsDict] | None = (
            [{"group": self._apart[plan.role]}] if plan.anti_affinity else None
        )
        options = child(self, self._cloud)
        options.ignore_changes = BIRTH
        options.protect = self._plan.protected
        return openstack.compute.Instance(
            plan.name,
            name=plan.name,
            flavor_id=later(self._platform.flavors[plan.flavor]),
            image_id=later(self._platform.images[plan.image]),
            networks=[{"port": port.id} for port in ports],
            metadata=dict(plan.metadata),
            scheduler_hints=hints,
            user_data=self._user_data,
            opts=options,
        )

    def _volume(self, plan: NodePlan, volume: Volume, server: openstack.compute.Instance) -> None:
        name = f"{plan.name}-{volume.name}"
        options = child(self, self._cloud)
        options.protect = self._plan.protected
        made = openstack.blockstorage.Volume(
            name,
            name=name,
            size=volume.size_gb,
            volume_type=later(self._platform.volume_types[volume.type]) if volume.type else None,
            metadata=dict(volume_labels(plan.metadata, volume)),
            opts=options,
        )
        openstack.compute.VolumeAttach(
            name, instance_id=server.id, volume_id=made.id, opts=child(self, self._cloud)
        )

    def _floating_ip(self, plan: NodePlan, port: openstack.networking.Port) -> pulumi.Output[str]:
        made = openstack.networking.FloatingIp(
            plan.name,
            pool=self._platform.external_network,
            port_id=port.id,
            description=plan.name,
            tags=list(self._plan.tags),
            opts=child(self, self._cloud, depends_on=self._networks.joined(plan.zone)),
        )
        return made.address
