"""What a system keeps outside its nodes: containers of the object store, shared file systems."""

import pulumi
import pulumi_openstack as openstack

from govstack.layers.outputs import PlatformOutputs, later
from govstack.layers.providers import child
from govstack.plan.model import ContainerPlan, SharePlan, SystemPlan
from govstack.site.kinds import Access

GIB = 1024**3


class Containers(pulumi.ComponentResource):
    """The containers of a system; their users are named by project, and nobody else gets in."""

    def __init__(
        self, plan: SystemPlan, platform: PlatformOutputs, provider: openstack.Provider
    ) -> None:
        super().__init__("govstack:system:Containers", plan.birth)
        self._plan = plan
        self._platform = platform
        self._cloud = provider
        for container in plan.containers:
            self._add(container)
        self.register_outputs({})

    def _add(self, plan: ContainerPlan) -> None:
        writers = tuple(user.system for user in plan.users if user.access is Access.WRITE)
        options = child(self, self._cloud)
        options.protect = self._plan.protected
        openstack.objectstorage.Container(
            plan.name,
            name=plan.name,
            # The spelling is the store's own, which it gives back whatever it was sent.
            metadata={"Quota-Bytes": str(plan.quota_gb * GIB)} if plan.quota_gb else None,
            versioning=plan.versioning,
            container_read=self._users(tuple(user.system for user in plan.users)),
            container_write=self._users(writers),
            force_destroy=not self._plan.protected,
            opts=options,
        )

    def _users(self, systems: tuple[str, ...]) -> pulumi.Output[str] | None:
        """Return the access list of these systems' projects."""
        if not systems:
            return None
        projects = [later(self._platform.projects[system]) for system in sorted(systems)]
        return pulumi.Output.all(*projects).apply(
            lambda ids: ",".join(f"{project}:*" for project in ids)
        )


class FileShares(pulumi.ComponentResource):
    """The shared file systems of a system, for the addresses of one role."""

    def __init__(self, plan: SystemPlan, provider: openstack.Provider) -> None:
        super().__init__("govstack:system:FileShares", plan.birth)
        self._plan = plan
        self._cloud = provider
        for share in plan.shares:
            self._add(share)
        self.register_outputs({})

    def _add(self, plan: SharePlan) -> None:
        options = child(self, self._cloud)
        options.protect = self._plan.protected
        made = openstack.sharedfilesystem.Share(
            plan.name,
            name=plan.name,
            share_proto="NFS",
            size=plan.size_gb,
            metadata={"gov:system": self._plan.id},
            opts=options,
        )
        for address in plan.clients:
            openstack.sharedfilesystem.ShareAccess(
                f"{plan.name}-{address}",
                share_id=made.id,
                access_type="ip",
                access_to=str(address),
                access_level="rw",
                opts=child(self, self._cloud),
            )
