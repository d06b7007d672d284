"""nova's own fake hypervisor, made to survive a restart and to be several hosts at once."""

import uuid
from pathlib import Path

import nova.conf
from nova import context, objects
from nova.compute import power_state
from nova.virt import fake

CONF = nova.conf.CONF
NODES = uuid.UUID("2f0c7d3e-6a51-5b0a-9f53-5b2b2a1f7c11")
"""The namespace of the nodes' identities, which stay the same over restarts."""


class SandboxDriver(fake.FakeDriver):
    """One host of nova, with room for a city's servers."""

    vcpus = 256
    memory_mb = 1_048_576
    local_gb = 20_000

    def init_host(self, host):
        """Take the host's name, and remember the servers that nova placed on it."""
        super().init_host(host)
        self._write_identity()
        servers = objects.InstanceList.get_by_host(
            context.get_admin_context(), host, expected_attrs=["info_cache", "flavor"]
        )
        for server in servers:
            self._remember(server)

    def get_nodenames_by_uuid(self, refresh=False):
        """Return the nodes by their lasting identities."""
        return {_identity(node): node for node in self.get_available_nodes()}

    def get_available_resource(self, nodename):
        """Return what the node has, under its lasting identity."""
        resources = super().get_available_resource(nodename)
        if resources:
            resources["uuid"] = _identity(nodename)
        return resources

    @staticmethod
    def _write_identity():
        """Write the file without which nova-compute refuses its second start."""
        path = Path(CONF.state_path) / "compute_id"
        if not path.exists():
            path.write_text(_identity(CONF.host), encoding="utf-8")

    def _remember(self, server):
        state = server.power_state or power_state.RUNNING
        self.instances[server.uuid] = fake.FakeInstance(server.name, state, server.uuid)
        self.resources.claim(
            vcpus=server.flavor.vcpus, mem=server.flavor.memory_mb, disk=server.flavor.root_gb
        )
        for interface in server.info_cache.network_info or []:
            self._interfaces[interface["id"]] = interface


def _identity(node):
    return str(uuid.uuid5(NODES, node))
