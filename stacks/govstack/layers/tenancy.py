"""Who may own what: a project, a service user, a role and quotas for each system."""

from collections.abc import Mapping

import pulumi
import pulumi_openstack as openstack

from govstack.layers.providers import child
from govstack.plan.model import ProjectPlan, Quota
from govstack.values.secret import Secret

ROLE = "member"


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
        role = openstack.identity.get_role_output(
            name=ROLE, opts=pulumi.InvokeOutputOptions(parent=self, provider=provider)
        )
        self.projects = {
            plan.system: Tenant(
                plan, passwords[plan.user], role.id, provider, parent=self
            ).project_id
            for plan in plans
        }
        self.register_outputs({"projects": self.projects})


class Tenant(pulumi.ComponentResource):
    """The project of one system, with its service user and its quotas.

    `project_id` is known to others only when the user has its role and the quotas hold.
    """

    def __init__(
        self,
        plan: ProjectPlan,
        password: Secret,
        role_id: pulumi.Input[str],
        provider: openstack.Provider,
        *,
        parent: pulumi.Resource,
    ) -> None:
        super().__init__(
            "govstack:infrastructure:Tenant", plan.name, opts=pulumi.ResourceOptions(parent=parent)
        )
        options = child(self, provider)
        project = openstack.identity.Project(
            plan.name,
            name=plan.name,
            description=plan.description,
            tags=list(plan.tags),
            opts=options,
        )
        user = openstack.identity.User(
            plan.user,
            name=plan.user,
            description=f"service user of {plan.name}",
            default_project_id=project.id,
            password=pulumi.Output.secret(password.reveal()),
            opts=options,
        )
        openstack.identity.RoleAssignment(
            f"{plan.user}-{ROLE}",
            project_id=project.id,
            user_id=user.id,
            role_id=role_id,
            opts=options,
        )
        _quotas(plan.name, plan.quota, project.id, options)
        self.project_id = project.id
        self.register_outputs({"project_id": self.project_id})


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
