"""What the stack of a plan is made from: its plan, what the platform gave, its passwords."""

import dataclasses
from collections.abc import Mapping

from govstack.layers.outputs import PlatformOutputs
from govstack.layers.program import Inputs, PlatformInputs, SystemInputs
from govstack.operations.session import Session
from govstack.operations.trusting import trusted_line
from govstack.plan.model import PlatformPlan, StackPlan
from govstack.values.secret import Secret


def inputs_of(
    session: Session,
    plan: StackPlan,
    platform: PlatformOutputs | None,
    passwords: Mapping[str, Secret],
) -> Inputs:
    """Return the inputs of a stack.

    Args:
        session: the environment.
        plan: the stack's plan.
        platform: what the platform gives; the platform itself needs None.
        passwords: of all service users and credentials.

    Raises:
        KeyError: the platform does not give what the system consumes.
    """
    if isinstance(plan, PlatformPlan):
        users = {project.user for project in plan.projects}
        mine = {user: passwords[user] for user in sorted(users)}
        return PlatformInputs(plan, mine, session.site.root)
    if platform is None:
        message = f"{plan.id} stands on the platform"
        raise TypeError(message)
    secrets = {each.key: passwords[each.key] for each in plan.credentials}
    if session.has_logins:
        plan = dataclasses.replace(plan, authority=trusted_line(session))
    return SystemInputs(plan, platform.consumed_by(plan), secrets)
