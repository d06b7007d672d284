"""Passwords: gives service users and credentials new ones, in the cloud too.

The new ones are written down first, so a run that dies is gone on with by the next `up`: they are
part of what a stack is made from.  Nothing may be half made before, since what a system's own user
left there could not be looked for with a password that the cloud does not know yet.
"""

from collections.abc import Iterable

from govstack.engine.job import Verb
from govstack.errors import ChangesPending
from govstack.operations.decide import standings
from govstack.operations.holding import holding
from govstack.operations.preview import selected
from govstack.operations.report import RunReport
from govstack.operations.run import Run, begin, finished, open_cloud, report
from govstack.operations.session import open_session
from govstack.operations.stacks import Stacks
from govstack.operations.target import Target
from govstack.plan.model import StackPlan, SystemPlan
from govstack.site.model import PLATFORM
from govstack.state.secrets import renew_passwords
from govstack.values.observer import Observer
from govstack.values.result import Result

REASON = "secrets rotate --passwords"


def renew(
    target: Target, observer: Observer, *, systems: tuple[str, ...] = ()
) -> Result[RunReport]:
    """Give service users and credentials of the site, or of some systems, new passwords.

    Args:
        target: the site and environment.
        observer: told of progress.
        systems: which ones; all if empty.

    Raises:
        UnknownSelection: the site has no such system.
        ChangesPending: a system is not as the site says, so more than passwords would change.
        Locked: another run holds the environment.
    """
    session = open_session(target)
    selected(session.plan, systems)
    with holding(session, observer, REASON):
        run = begin(session, observer)
        _check(run)
        chosen = tuple(
            plan
            for plan in session.plan.stacks
            if plan.id == PLATFORM or not systems or plan.id in systems
        )
        renew_passwords(session.places, _keys(chosen))
        with Stacks(open_cloud(run)) as stacks:
            results = stacks.converge(chosen, Verb.UPDATE)
    return finished(run, report(run, REASON, results))


def _check(run: Run) -> None:
    pending = [
        plan.id
        for plan, stands in standings(run.session, run.records, run.session.plan.stacks)
        if stands.has_site_changes
    ]
    pending += run.removed
    if pending:
        raise ChangesPending(
            f"there are changes that are not applied: {', '.join(pending)}",
            hint="first: govstack up",
        )


def _keys(plans: Iterable[StackPlan]) -> Iterable[str]:
    """Return by what the passwords of these systems are kept."""
    for plan in plans:
        if isinstance(plan, SystemPlan):
            yield plan.project.user
            yield from (credential.key for credential in plan.credentials)
