"""Expand before, contract after: what the platform holds while systems come and go.

A quota cannot fall below what is in use, and a project cannot go before its system, nor a router
before the networks behind it.  So the platform first grows to hold both what was and what will be,
and shrinks when all is done.
"""

import dataclasses
from dataclasses import dataclass
from typing import TypeVar

from govstack.plan.model import PlatformPlan, ProjectPlan, Quota, RouterPlan
from govstack.site.catalog import Flavor, Image, VolumeType


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What systems in the cloud still stand on, as it was planned when they were made."""

    routers: tuple[RouterPlan, ...] = ()
    flavors: tuple[Flavor, ...] = ()
    images: tuple[Image, ...] = ()
    volume_types: tuple[VolumeType, ...] = ()


NOTHING = Held()
Item = TypeVar("Item", RouterPlan, Flavor, Image, VolumeType)


def expanded(
    platform: PlatformPlan, before: tuple[ProjectPlan, ...], held: Held = NOTHING
) -> PlatformPlan:
    """Return the platform with room for the projects of now and of `before`.

    Of zones and the catalog it keeps what is `held`, also where the site has it no more.
    """
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
    return dataclasses.replace(
        platform,
        projects=tuple(sorted(projects, key=lambda project: project.system)),
        routers=platform.routers + _gone(platform.routers, held.routers, "zone"),
        flavors=platform.flavors + _gone(platform.flavors, held.flavors, "id"),
        images=platform.images + _gone(platform.images, held.images, "id"),
        volume_types=platform.volume_types + _gone(platform.volume_types, held.volume_types, "id"),
    )


def _gone(new: tuple[Item, ...], old: tuple[Item, ...], key: str) -> tuple[Item, ...]:
    """Return the old items that have no successor."""
    present = {getattr(item, key) for item in new}
    return tuple(item for item in old if getattr(item, key) not in present)


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
