"""Preview: what `up` would change, without changing anything."""

import dataclasses

from govstack.engine.job import StackResult, Verb
from govstack.operations.foresight import loss_notes
from govstack.operations.holding import reading
from govstack.operations.report import RunReport
from govstack.operations.run import Run, begin, finished, open_cloud, report
from govstack.operations.select import with_upstream
from govstack.operations.session import open_session
from govstack.operations.stacks import Stacks
from govstack.operations.target import Target
from govstack.plan.model import Plan, StackPlan
from govstack.values.observer import Observer
from govstack.values.result import Result


def preview(
    target: Target, observer: Observer, *, systems: tuple[str, ...] = (), everything: bool = False
) -> Result[RunReport]:
    """Tell what `up` would change.

    Args:
        target: the site and environment.
        observer: told of progress.
        systems: which ones, and with them all that they need; all if empty.
        everything: ask the engine also about what has not changed since its last run.

    Raises:
        UnknownSelection: the site has no such system.
    """
    session = open_session(target)
    selected(session.plan, systems)
    with reading(session, observer):
        run = begin(session, observer, everything=everything)
        with Stacks(open_cloud(run)) as stacks:
            chosen = selected(session.plan, systems)
            results = preview_all(run, stacks, chosen, whole=not systems)
    result = finished(run, report(run, "preview", results))
    return dataclasses.replace(result, notes=result.notes + loss_notes(run, results))


def preview_all(
    run: Run, stacks: Stacks, chosen: tuple[StackPlan, ...], *, whole: bool
) -> dict[str, StackResult]:
    """Preview these stacks and, if that is the whole site, the removal of what is gone."""
    results = stacks.converge(chosen, Verb.PREVIEW)
    if whole and run.removed:
        results |= stacks.remove(run.removed, Verb.PREVIEW_DESTROY)
    return results


def selected(plan: Plan, systems: tuple[str, ...]) -> tuple[StackPlan, ...]:
    """Return the stacks of these systems and of all that they need, in order.

    Raises:
        UnknownSelection: the site has no such system.
    """
    names = with_upstream(systems, {stack.id: stack.upstream for stack in plan.stacks})
    return tuple(stack for stack in plan.stacks if stack.id in names)
