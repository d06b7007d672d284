"""The same city by openstacksdk alone: what a script would do, without a plan or a state.

With one thread, one call comes after the other; servers are still started together and then
waited for.  With more threads, tenancy and systems are made side by side.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from openstack.compute.v2.server import Server
from openstack.config import OpenStackConfig
from openstack.connection import Connection
from openstack.identity.v3.role import Role
from openstack.network.v2.port import Port

from govstack.plan.model import (
    GroupPlan,
    NodePlan,
    Plan,
    ProjectPlan,
    SystemPlan,
    TenantPlan,
)
from govstack.site.model import PLATFORM

SUFFIX = "-sdk"
"""Ends every name, so that this city can stand beside one made by govstack."""


@dataclass(frozen=True)
class Ids:
    """What the platform gives: flavors and images by the site's ids, routers by zone."""

    flavors: dict[str, str]
    images: dict[str, str]
    routers: dict[str, str]


@dataclass(frozen=True)
class Owner:
    """A department: its group, and the project that its systems' projects lie in."""

    group: str
    parent: str | None


def connect(clouds: Path, entry: str) -> Connection:
    loader = OpenStackConfig(config_files=[str(clouds)], load_envvars=False)
    return Connection(config=loader.get_one(entry))


def connect_as(admin: Connection, project: ProjectPlan) -> Connection:
    return admin.connect_as(
        username=project.user + SUFFIX, password="benchmark", project_name=project.name + SUFFIX
    )


def create(plan: Plan, clouds: Path, *, threads_at_once: int) -> None:
    """Make all that `govstack up` makes, tags and descriptions included."""
    admin = connect(clouds, PLATFORM)
    with ThreadPoolExecutor(threads_at_once) as threads:
        roles = [admin.identity.find_role(name) for name in ("member", "reader")]
        departments = {item.tenant.id: item.tenant for item in plan.platform.projects}
        owners = {id_: _department(admin, item) for id_, item in departments.items()}
        tenancy = [
            threads.submit(_project, admin, item, owners[item.tenant.id], roles)
            for item in plan.platform.projects
        ]
        flavors = {
            flavor.id: admin.compute.create_flavor(
                name=f"{plan.code}-{flavor.id}{SUFFIX}",
                vcpus=flavor.vcpus,
                ram=flavor.ram_mb,
                disk=flavor.disk_gb,
            ).id
            for flavor in plan.platform.flavors
        }
        images = {
            image.id: admin.image.find_image(str(image.adopted)).id
            for image in plan.platform.images
        }
        routers = _routers(admin, plan)
        for future in tenancy:
            future.result()
        made = [
            threads.submit(_system, admin, plan, item, Ids(flavors, images, routers))
            for item in plan.systems
        ]
        for future in made:
            future.result()


def _department(admin: Connection, tenant: TenantPlan) -> Owner:
    group = admin.identity.create_group(name=tenant.name + SUFFIX, description=tenant.description)
    if not tenant.is_parent:
        return Owner(group.id, None)
    parent = admin.identity.create_project(
        name=tenant.name + SUFFIX, description=tenant.description, tags=list(tenant.tags)
    )
    return Owner(group.id, parent.id)


def _project(admin: Connection, project: ProjectPlan, owner: Owner, roles: list[Role]) -> None:
    member, reader = roles
    made = admin.identity.create_project(
        name=project.name + SUFFIX, parent_id=owner.parent, tags=list(project.tags)
    )
    user = admin.identity.create_user(
        name=project.user + SUFFIX, password="benchmark", default_project_id=made.id
    )
    admin.identity.assign_project_role_to_user(made.id, user.id, member.id)
    admin.identity.assign_project_role_to_group(made.id, owner.group, reader.id)
    quota = project.quota
    admin.set_compute_quotas(
        made.id, instances=quota.instances, cores=quota.cores, ram=quota.ram_mb
    )
    admin.set_network_quotas(
        made.id,
        network=quota.networks,
        subnet=quota.subnets,
        port=quota.ports,
        floatingip=quota.floating_ips,
        security_group=quota.security_groups,
        security_group_rule=quota.security_group_rules,
    )
    admin.set_volume_quotas(made.id, volumes=quota.volumes, gigabytes=quota.gigabytes)


def _routers(admin: Connection, plan: Plan) -> dict[str, str]:
    platform = plan.platform
    transit = admin.network.create_network(name=f"{plan.code}-transit{SUFFIX}")
    admin.network.set_tags(transit, platform.tags)
    subnet = admin.network.create_subnet(
        network_id=transit.id,
        cidr=str(platform.transit),
        ip_version=4,
        gateway_ip=None,
        enable_dhcp=False,
    )
    admin.network.set_tags(subnet, platform.tags)
    public = admin.network.find_network(platform.external_network)
    routers = {}
    for item in platform.routers:
        gateway = {"network_id": public.id} if item.external else None
        router = admin.network.create_router(
            name=item.name + SUFFIX,
            description=item.description,
            external_gateway_info=gateway,
        )
        admin.network.set_tags(router, item.tags)
        port = admin.network.create_port(
            network_id=transit.id,
            fixed_ips=[{"subnet_id": subnet.id, "ip_address": str(item.transit_address)}],
        )
        admin.network.set_tags(port, item.tags)
        admin.network.add_interface_to_router(router, port_id=port.id)
        routes = [
            {"destination": str(route.destination), "nexthop": str(route.next_hop)}
            for route in item.routes
        ]
        admin.network.add_extra_routes_to_router(router, {"router": {"routes": routes}})
        routers[item.zone] = router.id
    return routers


def _system(admin: Connection, plan: Plan, system: SystemPlan, ids: Ids) -> None:
    own = connect_as(admin, system.project)
    networks = {}
    for item in system.networks:
        network = own.network.create_network(name=item.name + SUFFIX)
        subnet = own.network.create_subnet(
            network_id=network.id,
            cidr=str(item.cidr),
            ip_version=4,
            gateway_ip=str(item.gateway),
            enable_dhcp=False,
        )
        own.network.set_tags(network, system.tags)
        own.network.set_tags(subnet, system.tags)
        admin.network.add_interface_to_router(ids.routers[item.zone], subnet_id=subnet.id)
        networks[item.zone] = (network.id, subnet.id)
    groups = {item.role: _group(own, item, system.tags) for item in system.groups}
    apart = {
        node.role: own.compute.create_server_group(
            name=f"{system.id}-{node.role}{SUFFIX}", policy="anti-affinity"
        ).id
        for node in system.nodes
        if node.anti_affinity and node.number == 1
    }
    started = []
    for node in system.nodes:
        network, subnet = networks[node.zone]
        port = own.network.create_port(
            name=node.name + SUFFIX,
            network_id=network,
            security_groups=[groups[node.role]],
            fixed_ips=[{"subnet_id": subnet, "ip_address": str(node.address)}],
        )
        own.network.set_tags(port, system.tags)
        hints = {"scheduler_hints": {"group": apart[node.role]}} if node.anti_affinity else {}
        server = own.compute.create_server(
            name=node.name + SUFFIX,
            flavor_id=ids.flavors[node.flavor],
            image_id=ids.images[node.image],
            networks=[{"port": port.id}],
            metadata=dict(node.metadata),
            **hints,
        )
        started.append((node, port, server))
    for node, port, server in started:
        _finish(own, plan, node, port, server)


def _group(own: Connection, item: GroupPlan, tags: tuple[str, ...]) -> str:
    group = own.network.create_security_group(name=item.name + SUFFIX)
    own.network.set_tags(group, tags)
    for rule in item.rules:
        own.network.create_security_group_rule(
            security_group_id=group.id,
            direction="ingress",
            ethertype="IPv4",
            protocol=rule.port.protocol.value,
            port_range_min=rule.port.first,
            port_range_max=rule.port.last,
            remote_ip_prefix=rule.remote,
            description=rule.purpose,
        )
    return group.id


def _finish(own: Connection, plan: Plan, node: NodePlan, port: Port, server: Server) -> None:
    volumes = [
        own.block_storage.create_volume(
            name=f"{node.name}-{item.name}{SUFFIX}",
            size=item.size_gb,
            metadata=dict(node.metadata) | {"mount_path": item.mount},
        )
        for item in node.volumes
    ]
    own.compute.wait_for_server(server, interval=0.5, wait=120)
    for volume in volumes:
        own.block_storage.wait_for_status(volume, "available", interval=0.5, wait=60)
        own.compute.create_volume_attachment(server, volume_id=volume.id)
        own.block_storage.wait_for_status(volume, "in-use", interval=0.5, wait=60)
    if node.floating_ip:
        public = own.network.find_network(plan.platform.external_network)
        own.network.create_ip(floating_network_id=public.id, port_id=port.id)


def delete(plan: Plan, clouds: Path) -> None:
    """Remove what `create` made."""
    admin = connect(clouds, PLATFORM)
    with ThreadPoolExecutor(8) as threads:
        gone = [threads.submit(_empty, admin, project) for project in plan.platform.projects]
        for future in gone:
            future.result()
    _delete_routers(admin)
    for project in plan.platform.projects:
        _delete_project(admin, project)
    for name in {project.tenant.name for project in plan.platform.projects}:
        admin.identity.delete_group(admin.identity.find_group(name + SUFFIX))
        parent = admin.identity.find_project(name + SUFFIX, ignore_missing=True)
        if parent:
            admin.identity.delete_project(parent)
    admin.network.delete_network(admin.network.find_network(f"{plan.code}-transit{SUFFIX}"))
    for flavor in plan.platform.flavors:
        admin.compute.delete_flavor(admin.compute.find_flavor(f"{plan.code}-{flavor.id}{SUFFIX}"))


def _delete_routers(admin: Connection) -> None:
    for router in admin.network.routers():
        if router.name.endswith(SUFFIX):
            admin.network.update_router(router, routes=[])
            for port in admin.network.ports(device_id=router.id):
                if port.device_owner == "network:router_interface":
                    admin.network.remove_interface_from_router(router, port_id=port.id)
            admin.network.delete_router(router)


def _delete_project(admin: Connection, project: ProjectPlan) -> None:
    made = admin.identity.find_project(project.name + SUFFIX)
    for network in admin.network.networks(project_id=made.id):
        admin.network.delete_network(network)
    for group in admin.network.security_groups(project_id=made.id):
        admin.network.delete_security_group(group)
    admin.identity.delete_user(admin.identity.find_user(project.user + SUFFIX))
    admin.identity.delete_project(made)


def _empty(admin: Connection, project: ProjectPlan) -> None:
    own = connect_as(admin, project)
    for address in own.network.ips():
        own.network.delete_ip(address)
    servers = list(own.compute.servers())
    for server in servers:
        own.compute.delete_server(server)
    for server in servers:
        own.compute.wait_for_delete(server, interval=0.5, wait=60)
    for volume in own.block_storage.volumes():
        own.block_storage.delete_volume(volume)
    for port in own.network.ports(device_owner=""):
        own.network.delete_port(port)
    for group in own.compute.server_groups():
        own.compute.delete_server_group(group)
