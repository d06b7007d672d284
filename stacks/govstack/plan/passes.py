"""Expand before, contract after: what the platform holds while systems come and go.

A quota cannot fall below what is in use, and a project cannot go before its system.  So the
platform first grows to hold both what was and what will be, and shrinks when all is done.
"""

import dataclasses

from govstack.plan.model import PlatformPlan, ProjectPlan, Quota


def expanded(platform: PlatformPlan, before: tuple[ProjectPlan, ...]) -> PlatformPlan:
    """Return the platform with room for the projects of now and of `before`."""
    # By first id: a system that was renamed since is the same.
    old = {project.birth: project for project in before}
    new = {project.birth: project for project in platform.projects}
    projects = [_roomy(project, old.get(birth)) for birth, project in new.items()]
    tenants = {project.tenant.id: project.tenant for project in platform.projects}
    projects += [
        dataclasses.replace(project, tenant=tenants.get(project.tenant.id, project.tenant))
        for birth, project in old.items()
        if birth not in new
    ]
    ordered = tuple(sorted(projects, key=lambda project: project.system))
    return dataclasses.replace(platform, projects=ordered)


def _roomy(new: ProjectPlan, old: ProjectPlan | None) -> ProjectPlan:
    if old is None:
        return new
    return dataclasses.replace(new, quota=_larger(new.quota, old.quota))


def _larger(one: Quota, other: Quota) -> Quota:
    return Quota(
        **{
            field.name: max(getattr(one, field.name), getattr(other, field.name))
            for field in dataclasses.fields(Quota)
        }
    )
