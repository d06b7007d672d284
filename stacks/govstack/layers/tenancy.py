"""Who may own what: departments, and a project with service user, roles and quotas per system."""

from collections.abc import Mapping

import pulumi
import pulumi_openstack as openstack

from govstack.layers.providers import child
from govstack.plan.model import ProjectPlan, Quota, TenantPlan
from govstack.plan.services import MEMBER, READER
from govstack.values.secret import Secret


class Tenancy(pulumi.ComponentResource):
    """The projects of all systems; `projects` holds their ids by system."""

    def __init__(
        self,
        name: str,
        plans: tuple[ProjectPlan, ...],
        passwords: Mapping[str, Secret],
        provider: openstack.Provider,
    ) -> None:
        super().__init__("govstack:infrastructure:Tenancy", name)
        self._cloud = provider
        self._roles = {name: self._role(name) for name in (MEMBER, READER)}
        departments = {plan.tenant.id: plan.tenant for plan in plans}
        self._departments = {
            id_: Department(tenant, provider, parent=self) for id_, tenant in departments.items()
        }
        self.projects = {plan.system: self._project(plan, passwords[plan.user]) for plan in plans}
        self.register_outputs({"projects": self.projects})

    def _role(self, name: str) -> pulumi.Output[str]:
        options = pulumi.InvokeOutputOptions(parent=self, provider=self._cloud)
        return openstack.identity.get_role_output(name=name, opts=options).id

    def _project(self, plan: ProjectPlan, password: Secret) -> pulumi.Output[str]:
        department = self._departments[plan.tenant.id]
        made = Tenant(plan, password, department.parent_id, self._cloud, parent=self)
        for role in plan.roles:
            made.assign(self._roles[role], f"{plan.user}-{role}", user_id=made.user_id)
        made.assign(self._roles[READER], plan.tenant.name, group_id=department.group_id)
        return made.project_id


class Department(pulumi.ComponentResource):
    """A department: the group that may look at its projects, and their parent if there is one.

    Who is in the group is the department's business, and no concern of govstack.
    """

    def __init__(
        self, plan: TenantPlan, provider: openstack.Provider, *, parent: pulumi.Resource
    ) -> None:
        super().__init__(
            "govstack:infrastructure:Department",
            plan.name,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        options = child(self, provider)
        group = openstack.identity.GroupV3(
            plan.name, name=plan.name, description=plan.description, opts=options
        )
        self.group_id: pulumi.Output[str] = group.id
        self.parent_id: pulumi.Output[str] | None = None
        if plan.is_parent:
            project = openstack.identity.Project(
                plan.name,
                name=plan.name,
                description=plan.description,
                tags=list(plan.tags),
                opts=options,
            )
            self.parent_id = project.id
        self.register_outputs({"group_id": self.group_id})


class Tenant(pulumi.ComponentResource):
    """The project of one system, with its service user and its quotas.

    `project_id` is known to others only when the project is there; roles are assigned by `assign`.
    An adopted project is looked up: its description and its quotas stay as they are.
    """

    def __init__(
        self,
        plan: ProjectPlan,
        password: Secret,
        parent_id: pulumi.Output[str] | None,
        provider: openstack.Provider,
        *,
        parent: pulumi.Resource,
    ) -> None:
        super().__init__(
            "govstack:infrastructure:Tenant", plan.name, opts=pulumi.ResourceOptions(parent=parent)
        )
        self._plan = plan
        self._options = child(self, provider)
        if plan.adopted:
            self.project_id = openstack.identity.get_project_output(
                name=plan.adopted.name or None,
                project_id=plan.adopted.id or None,
                opts=pulumi.InvokeOutputOptions(parent=self, provider=provider),
            ).id
        else:
            self.project_id = self._make_project(parent_id)
            _quotas(plan.name, plan.quota, self.project_id, self._options)
        user = openstack.identity.User(
            plan.user,
            name=plan.user,
            description=f"service user of {plan.name}",
            default_project_id=self.project_id,
            password=pulumi.Output.secret(password.reveal()),
            opts=self._options,
        )
        self.user_id: pulumi.Output[str] = user.id
        self.register_outputs({"project_id": self.project_id})

    def assign(
        self,
        role: pulumi.Output[str],
        name: str,
        *,
        user_id: pulumi.Output[str] | None = None,
        group_id: pulumi.Output[str] | None = None,
    ) -> None:
        """Give a user or a group a role in the project."""
        openstack.identity.RoleAssignment(
            f"{self._plan.name}-{name}",
            project_id=self.project_id,
            user_id=user_id,
            group_id=group_id,
            role_id=role,
            opts=self._options,
        )

    def _make_project(self, parent_id: pulumi.Output[str] | None) -> pulumi.Output[str]:
        project = openstack.identity.Project(
            self._plan.name,
            name=self._plan.name,
            description=self._plan.description,
            parent_id=parent_id,
            tags=list(self._plan.tags),
            opts=self._options,
        )
        return project.id


def _quotas(
    name: str, quota: Quota, project: pulumi.Input[str], options: pulumi.ResourceOptions
) -> None:
    openstack.compute.QuotaSetV2(
        f"{name}-compute",
        project_id=project,
        instances=quota.instances,
        cores=quota.cores,
        ram=quota.ram_mb,
        opts=options,
    )
    openstack.networking.QuotaV2(
        f"{name}-network",
        project_id=project,
        network=quota.networks,
        subnet=quota.subnets,
        port=quota.ports,
        floatingip=quota.floating_ips,
        security_group=quota.security_groups,
        security_group_rule=quota.security_group_rules,
        opts=options,
    )
    openstack.blockstorage.QuoteSetV3(
        f"{name}-volume",
        project_id=project,
        volumes=quota.volumes,
        gigabytes=quota.gigabytes,
        opts=options,
    )
    if quota.load_balancers:
        openstack.loadbalancer.Quota(
            f"{name}-balancing",
            project_id=project,
            loadbalancer=quota.load_balancers,
            opts=options,
        )
