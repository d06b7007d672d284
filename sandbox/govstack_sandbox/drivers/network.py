"""An ML2 mechanism without agents: it binds every port and reports what agents would report.

There is no data plane.  The router plugin stays upstream's own: a subclass under another alias
makes ``port_forwarding`` load the stock one besides, and creating a router then fails.
"""

from neutron.services.trunk.drivers import base as trunk
from neutron_lib import constants, context
from neutron_lib.api.definitions import portbindings
from neutron_lib.callbacks import events, registry, resources
from neutron_lib.plugins import constants as plugins
from neutron_lib.plugins import directory
from neutron_lib.plugins.ml2 import api

ROUTER_OWNERS = (
    constants.DEVICE_OWNER_ROUTER_INTF,
    constants.DEVICE_OWNER_ROUTER_GW,
    constants.DEVICE_OWNER_FLOATINGIP,
)


class SandboxTrunkDriver(trunk.DriverBase):
    """Tell the trunk plugin that trunks can be had."""

    @property
    def is_loaded(self):
        """Always: there is nothing to load."""
        return True


@registry.has_registry_receivers
class SandboxMechanismDriver(api.MechanismDriver):
    """Bind ports as if Open vSwitch did it."""

    def initialize(self):
        """Register the trunk driver."""
        self.trunk_driver = SandboxTrunkDriver(
            "govstack", (portbindings.VIF_TYPE_OVS,), ("vlan",), can_trunk_bound_port=True
        )

    @property
    def connectivity(self):
        """Claim layer 2, which subnets of any kind can use."""
        return portbindings.CONNECTIVITY_L2

    def bind_port(self, context):
        """Bind the port to the first segment offered."""
        for segment in context.segments_to_bind[:1]:
            details = {
                portbindings.CAP_PORT_FILTER: True,
                portbindings.OVS_HYBRID_PLUG: False,
                portbindings.VIF_DETAILS_CONNECTIVITY: portbindings.CONNECTIVITY_L2,
            }
            context.set_binding(
                segment[api.ID],
                portbindings.VIF_TYPE_OVS,
                details,
                status=constants.PORT_STATUS_ACTIVE,
            )

    def filter_hosts_with_segment_access(self, context, segments, candidate_hosts, agent_getter):
        """Let every host reach every segment."""
        return set(candidate_hosts)

    @registry.receives(resources.FLOATING_IP, [events.AFTER_CREATE, events.AFTER_UPDATE])
    def _floating_ip_changed(self, resource, event, trigger, payload):
        """Report what an L3 agent would: active exactly while associated."""
        router = directory.get_plugin(plugins.L3)
        admin = context.get_admin_context()
        identifier = payload.resource_id or (payload.latest_state or {}).get("id")
        address = router.get_floatingip(admin, identifier)
        status = (
            constants.FLOATINGIP_STATUS_ACTIVE
            if address.get("port_id")
            else constants.FLOATINGIP_STATUS_DOWN
        )
        if address["status"] != status:
            router.update_floatingip_status(admin, identifier, status)

    @registry.receives(resources.PORT, [events.AFTER_CREATE])
    def _port_created(self, resource, event, trigger, payload):
        """Report the ports of routers as active, which no host binds."""
        port = payload.latest_state or {}
        if (
            port.get("device_owner") in ROUTER_OWNERS
            and port.get("status") != constants.PORT_STATUS_ACTIVE
        ):
            directory.get_plugin().update_port_status(
                context.get_admin_context(), port["id"], constants.PORT_STATUS_ACTIVE
            )
