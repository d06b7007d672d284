"""Provision: makes the cloud what the site says, in three passes.

Expand: the platform grows to hold what was and what will be.  Converge: each system after what
it needs.  Contract: removed systems go, then the platform shrinks to what the site says.

What can be refused is refused before anything runs.
"""

import dataclasses

from govstack.engine.job import StackResult, Verb
from govstack.errors import AddressesMissing, StrangersInside
from govstack.operations.again import finish, finish_removal
from govstack.operations.before import check_room, held_by
from govstack.operations.foresight import check_losses, chosen_stacks
from govstack.operations.holding import holding
from govstack.operations.latitude import USUAL, Latitude
from govstack.operations.machines import switch_on
from govstack.operations.preview import preview_all, selected
from govstack.operations.projects import check_empty
from govstack.operations.report import RunReport
from govstack.operations.run import Confirm, Run, begin, finished, merged, open_cloud, report
from govstack.operations.session import open_session
from govstack.operations.stacks import Stacks
from govstack.operations.target import Target
from govstack.plan.model import PlatformPlan, StackPlan
from govstack.plan.passes import expanded
from govstack.site.model import PLATFORM
from govstack.values.observer import Observer
from govstack.values.result import Result


def provision(
    target: Target,
    observer: Observer,
    *,
    systems: tuple[str, ...] = (),
    everything: bool = False,
    latitude: Latitude = USUAL,
    confirm: Confirm | None = None,
) -> Result[RunReport]:
    """Make the cloud of the site (or of some systems) what the site says.

    Args:
        target: the site and environment.
        observer: told of progress.
        systems: which ones; all if empty.
        everything: run also what has not changed since its last run.
        latitude: how far to go beyond that.
        confirm: asked once the preview is there, if it holds changes.

    Raises:
        UnknownSelection: the site has no such system.
        AddressesMissing: nodes without an address of their own.
        ChangesPending: a system needs another, which has changes that are not applied.
        StillUsed: a zone cannot go before another comes.
        StrangersInside: a project that is to go holds what is not ours.
        TooMuchLost: more that holds data would go than may.
        Locked: another run holds the environment.
    """
    session = open_session(target)
    selected(session.plan, systems)
    if session.plan.provisional:
        raise AddressesMissing(session.plan.provisional)
    with holding(session, observer, "up"):
        run = begin(session, observer, everything=everything)
        chosen = chosen_stacks(run, systems, with_dependencies=latitude.with_dependencies)
        roomy = _roomy(run)
        with Stacks(open_cloud(run)) as stacks:
            if not systems and run.removed:
                check_empty(session, run.removed.values())
            stacks.recover(chosen, {} if systems else run.removed, run.before)
            if confirm is not None or not session.plan.environment.disposable:
                results = preview_all(run, stacks, chosen, whole=not systems)
                foreseen = report(run, "up", results)
                due = foreseen.has_changes or stacks.outdated or stacks.to_refresh
                if foreseen.failures or not due:
                    return finished(run, foreseen)
                stacks.lifted = check_losses(run, results, latitude.allow_delete)
                # Where only records are to be brought up to date there is nothing to ask about.
                if foreseen.has_changes and confirm is not None and not confirm(foreseen):
                    return Result(data=report(run, "up", {}, confirmed=False))
                run = run.from_now()
            results = _expand_and_converge(run, stacks, chosen, roomy)
            if not systems:
                results = _contract(run, stacks, roomy, results)
        notes = switch_on(session)
    done = finished(run, report(run, "up", results))
    return dataclasses.replace(done, notes=(*done.notes, *notes))


def _roomy(run: Run) -> PlatformPlan:
    """Return the platform with room for what was and what will be."""
    plan = run.session.plan.platform
    roomy = expanded(plan, run.before, held_by(run.records, plan))
    check_room(roomy, plan, run.records)
    return roomy


def _expand_and_converge(
    run: Run, stacks: Stacks, chosen: tuple[StackPlan, ...], roomy: PlatformPlan
) -> dict[str, StackResult]:
    stacks.follow_moves(chosen)
    first = tuple(roomy if stack.id == PLATFORM else stack for stack in chosen)
    return finish(run, stacks, first, stacks.converge(first, Verb.UPDATE))


def _contract(
    run: Run, stacks: Stacks, roomy: PlatformPlan, results: dict[str, StackResult]
) -> dict[str, StackResult]:
    """Remove what the site has no more, unless something failed that may still need it."""
    plan = run.session.plan.platform
    if _failed(results):
        return results
    if run.removed:
        gone = stacks.remove(run.removed, Verb.DESTROY)
        results |= finish_removal(run, stacks, run.removed, gone)
    if roomy == plan or _failed(results):
        return results
    try:
        check_empty(run.session, run.removed.values(), removed=True)
    except StrangersInside as found:
        kept = dataclasses.replace(results[PLATFORM], error=str(found), hint=found.hint)
        return results | {PLATFORM: kept}
    last = finish(run, stacks, (plan,), stacks.converge((plan,), Verb.UPDATE))
    return results | {PLATFORM: merged(results[PLATFORM], last[PLATFORM])}


def _failed(results: dict[str, StackResult]) -> bool:
    return any(result.error for result in results.values())
