"""The kinds of things that stacks make in a cloud: how each is listed, known and removed.

The table is in the order in which things can be removed: users of a thing before the thing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """Whose things a kind is among: those of a system's project, or of the cloud's operator."""

    SYSTEM = "system"
    PLATFORM = "platform"
    BOTH = "both"


class Look(StrEnum):
    """How a kind is listed, where it takes more than a call of the SDK."""

    LISTED = "listed"
    PARTS = "parts"
    OF_USER = "of user"
    OF_NETWORKS = "of networks"
    OF_ZONES = "of zones"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of thing.

    Attributes:
        word: what people call it.
        type: the engine's token for it.
        service: the SDK's name of the service.
        listed: the SDK's method that lists it.
        removed: the SDK's method that removes one.
        named: the attribute that holds its name; Neutron's floating IPs have a description only.
        labelled: the attribute that holds its tags or metadata, if it has any.
        filtered: whether the service lists by project when asked to.
        everywhere: what the operator must say to see all projects.
        holds_data: whether something may be lost with it.
        waits: whether it takes time to go.
    """

    word: str
    type: str
    service: str
    listed: str
    removed: str
    scope: Scope = Scope.SYSTEM
    look: Look = Look.LISTED
    named: str = "name"
    labelled: str = ""
    filtered: bool = False
    everywhere: Mapping[str, object] = field(default_factory=dict)
    holds_data: bool = False
    waits: bool = False


ALL_PROJECTS: Final = {"all_projects": True}

KINDS: Final = (
    Kind(
        word="load balancer",
        type="openstack:loadbalancer/loadBalancer:LoadBalancer",
        service="load_balancer",
        listed="load_balancers",
        removed="delete_load_balancer",
        labelled="tags",
        filtered=True,
        waits=True,
    ),
    Kind(
        word="monitor",
        type="openstack:loadbalancer/monitor:Monitor",
        service="load_balancer",
        listed="health_monitors",
        removed="delete_health_monitor",
        filtered=True,
    ),
    Kind(
        word="pool",
        type="openstack:loadbalancer/pool:Pool",
        service="load_balancer",
        listed="pools",
        removed="delete_pool",
        filtered=True,
    ),
    Kind(
        word="listener",
        type="openstack:loadbalancer/listener:Listener",
        service="load_balancer",
        listed="listeners",
        removed="delete_listener",
        filtered=True,
    ),
    Kind(
        word="server",
        type="openstack:compute/instance:Instance",
        service="compute",
        listed="servers",
        removed="delete_server",
        labelled="metadata",
        everywhere=ALL_PROJECTS,
        holds_data=True,
        waits=True,
    ),
    Kind(
        word="floating IP",
        type="openstack:networking/floatingIp:FloatingIp",
        service="network",
        listed="ips",
        removed="delete_ip",
        named="description",
        labelled="tags",
        filtered=True,
    ),
    Kind(
        word="volume attachment",
        type="openstack:compute/volumeAttach:VolumeAttach",
        service="block_storage",
        listed="volumes",
        removed="delete_volume_attachment",
        look=Look.PARTS,
        labelled="metadata",
        everywhere=ALL_PROJECTS,
        waits=True,
    ),
    Kind(
        word="router interface",
        type="openstack:networking/routerInterface:RouterInterface",
        service="network",
        listed="ports",
        removed="remove_interface_from_router",
        scope=Scope.BOTH,
        look=Look.OF_NETWORKS,
        filtered=True,
    ),
    Kind(
        word="port",
        type="openstack:networking/port:Port",
        service="network",
        listed="ports",
        removed="delete_port",
        scope=Scope.BOTH,
        labelled="tags",
        filtered=True,
    ),
    Kind(
        word="subnet",
        type="openstack:networking/subnet:Subnet",
        service="network",
        listed="subnets",
        removed="delete_subnet",
        scope=Scope.BOTH,
        labelled="tags",
        filtered=True,
    ),
    Kind(
        word="network",
        type="openstack:networking/network:Network",
        service="network",
        listed="networks",
        removed="delete_network",
        scope=Scope.BOTH,
        labelled="tags",
        filtered=True,
    ),
    Kind(
        word="router",
        type="openstack:networking/router:Router",
        service="network",
        listed="routers",
        removed="delete_router",
        scope=Scope.PLATFORM,
        labelled="tags",
        filtered=True,
    ),
    Kind(
        word="security group rule",
        type="openstack:networking/secGroupRule:SecGroupRule",
        service="network",
        listed="security_groups",
        removed="delete_security_group_rule",
        look=Look.PARTS,
        labelled="tags",
        filtered=True,
    ),
    Kind(
        word="security group",
        type="openstack:networking/secGroup:SecGroup",
        service="network",
        listed="security_groups",
        removed="delete_security_group",
        labelled="tags",
        filtered=True,
    ),
    Kind(
        word="volume",
        type="openstack:blockstorage/volume:Volume",
        service="block_storage",
        listed="volumes",
        removed="delete_volume",
        labelled="metadata",
        everywhere=ALL_PROJECTS,
        holds_data=True,
        waits=True,
    ),
    Kind(
        word="server group",
        type="openstack:compute/serverGroup:ServerGroup",
        service="compute",
        listed="server_groups",
        removed="delete_server_group",
        everywhere=ALL_PROJECTS,
    ),
    Kind(
        word="shared file system",
        type="openstack:sharedfilesystem/share:Share",
        service="shared_file_system",
        listed="shares",
        removed="delete_share",
        labelled="metadata",
        holds_data=True,
        waits=True,
    ),
    Kind(
        word="container",
        type="openstack:objectstorage/container:Container",
        service="object_store",
        listed="containers",
        removed="delete_container",
        holds_data=True,
    ),
    Kind(
        word="secret",
        type="openstack:keymanager/secretV1:SecretV1",
        service="key_manager",
        listed="secrets",
        removed="delete_secret",
    ),
    Kind(
        word="application credential",
        type="openstack:identity/applicationCredential:ApplicationCredential",
        service="identity",
        listed="application_credentials",
        removed="delete_application_credential",
        look=Look.OF_USER,
    ),
    Kind(
        word="record set",
        type="openstack:dns/recordSet:RecordSet",
        service="dns",
        listed="recordsets",
        removed="delete_recordset",
        scope=Scope.BOTH,
        look=Look.OF_ZONES,
    ),
    Kind(
        word="DNS zone",
        type="openstack:dns/zone:Zone",
        service="dns",
        listed="zones",
        removed="delete_zone",
        scope=Scope.PLATFORM,
        waits=True,
    ),
    Kind(
        word="flavor",
        type="openstack:compute/flavor:Flavor",
        service="compute",
        listed="flavors",
        removed="delete_flavor",
        scope=Scope.PLATFORM,
    ),
    Kind(
        word="image",
        type="openstack:images/image:Image",
        service="image",
        listed="images",
        removed="delete_image",
        scope=Scope.PLATFORM,
        labelled="tags",
        holds_data=True,
    ),
    Kind(
        word="volume type",
        type="openstack:blockstorage/volumeTypeV3:VolumeTypeV3",
        service="block_storage",
        listed="types",
        removed="delete_type",
        scope=Scope.PLATFORM,
    ),
    Kind(
        word="user",
        type="openstack:identity/user:User",
        service="identity",
        listed="users",
        removed="delete_user",
        scope=Scope.PLATFORM,
    ),
    Kind(
        word="group",
        type="openstack:identity/groupV3:GroupV3",
        service="identity",
        listed="groups",
        removed="delete_group",
        scope=Scope.PLATFORM,
    ),
    Kind(
        word="project",
        type="openstack:identity/project:Project",
        service="identity",
        listed="projects",
        removed="delete_project",
        scope=Scope.PLATFORM,
        labelled="tags",
    ),
)
"""Quotas, role assignments, routes and members of pools are not here: to make them again is the
same call with the same end, so half of one does no harm."""
