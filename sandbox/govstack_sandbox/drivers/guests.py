"""What nova says of a server, in the words of the root helper."""

import base64
import json

from nova.virt import netutils

from govstack_sandbox.hosts.guest import HostFailed

BASE = "image_govstack_base"
"""The property of an image that chooses what a server is made from."""
SYSTEM = "image_os_distro"
"""That which chooses where the other one says nothing."""
IPV4 = 4
USUAL_MTU = 1500


def guest_of(instance, network_info, block_device_info, bases):
    """Return what the host is to be.

    Raises:
        HostFailed: the image asks for a base that is not there.
    """
    properties = instance.system_metadata or {}
    base = properties.get(BASE) or base_of(properties.get(SYSTEM, ""), bases)
    if base not in bases:
        known = ", ".join(sorted(bases))
        raise HostFailed(f"the image asks for the base {base!r}; there are: {known}")
    resolvers = {
        server["address"]: None
        for vif in network_info or ()
        for subnet in vif["network"]["subnets"]
        for server in subnet["dns"]
        if server["version"] == IPV4
    }
    mapping = (block_device_info or {}).get("block_device_mapping") or ()
    return {
        "uuid": instance.uuid,
        "name": instance.hostname or instance.uuid,
        "base": bases[base],
        "vcpus": instance.flavor.vcpus,
        "memory_mb": instance.flavor.memory_mb,
        "keys": [instance.key_data] if instance.key_data else [],
        "resolvers": list(resolvers),
        "interfaces": [interface_of(vif) for vif in network_info or ()],
        # A volume that a server boots from stands for its root, which is made of the base.
        "volumes": [
            volume_of(one["connection_info"]) for one in mapping if one.get("boot_index") != 0
        ],
    }


def base_of(system, bases):
    """Return the name of the base of an operating system; the first one, where it has none."""
    named = [name for name in bases if name.rpartition("-")[0] == system.lower()]
    return named[0] if named else next(iter(bases))


def interface_of(vif):
    """Return a port as the helper knows it."""
    network = vif["network"]
    subnets = [
        {
            "addresses": [address["address"] for address in subnet["ips"]],
            "prefix": int(subnet["cidr"].partition("/")[2]),
            "gateway": (subnet.get("gateway") or {}).get("address") or "",
            "routes": [
                (route["cidr"], route["gateway"]["address"]) for route in subnet.get("routes") or ()
            ],
        }
        for subnet in network["subnets"]
        if subnet["version"] == IPV4
    ]
    return {
        "port": vif["id"],
        "mac": vif["address"],
        "mtu": network.get_meta("mtu") or USUAL_MTU,
        "subnets": subnets,
    }


def volume_of(connection_info):
    """Return a volume as the helper knows it."""
    data = connection_info["data"]
    return {"id": data["volume_id"], "source": data["path"], "target": data["mount_path"]}


def drive_of(instance, admin_password, network_info):
    """Return the files of a configuration drive, in base64.

    nova's own maker of them asks neutron and keystone again for what is known here.
    """
    metadata = {
        "uuid": instance.uuid,
        "name": instance.display_name,
        "hostname": instance.hostname,
        "launch_index": instance.launch_index,
        "project_id": instance.project_id,
        "availability_zone": instance.availability_zone,
        "meta": dict(instance.metadata or {}),
    }
    if instance.key_data:
        metadata["public_keys"] = {instance.key_name: instance.key_data}
    if admin_password:
        metadata["admin_pass"] = admin_password
    network = netutils.get_network_metadata(network_info) or {}
    drive = {
        "meta_data.json": json.dumps(metadata).encode(),
        "network_data.json": json.dumps(network, default=str).encode(),
    }
    if instance.user_data:
        drive["user_data"] = base64.b64decode(instance.user_data)
    return {name: base64.b64encode(content).decode() for name, content in drive.items()}
