"""What a plan's things are called in the cloud, where a name alone tells whose they are."""

from collections.abc import Iterable, Iterator

from govstack.plan.model import Plan, PlatformPlan, ProjectPlan


def names_of(plan: Plan, before: Iterable[ProjectPlan] = ()) -> frozenset[str]:
    """Return the names of the platform's things, those of former projects, and all rules."""
    groups = (group for system in plan.systems for group in system.groups)
    rules = ((group.name, rule) for group in groups for rule in group.rules)
    return frozenset(
        (
            *_platform_names(plan.platform),
            *(name for project in before for name in _project_names(project)),
            *(f"{group}:{rule.port}:{rule.remote}" for group, rule in rules),
        )
    )


def _platform_names(plan: PlatformPlan) -> Iterator[str]:
    yield f"{plan.code}-transit"
    for router in plan.routers:
        yield router.name
        yield f"{router.name}-transit"
    made = [flavor.id for flavor in plan.flavors if not flavor.adopted]
    made += [kind.id for kind in plan.volume_types if not kind.adopted]
    yield from (f"{plan.code}-{id_}" for id_ in made)
    for image in plan.images:
        if not image.adopted:
            yield f"{plan.code}-{image.id}-{image.sha256[:12]}"
    for project in plan.projects:
        yield from _project_names(project)


def _project_names(project: ProjectPlan) -> Iterator[str]:
    yield project.tenant.name
    yield project.user
    if not project.adopted:
        yield project.name
