"""Up: makes the cloud what the site says, in three passes.

Expand: the platform grows to hold what was and what will be.  Converge: each system after what
it needs.  Contract: removed systems go, then the platform shrinks to what the site says.
"""

from govstack.engine.job import StackResult, Verb
from govstack.errors import AddressesMissing
from govstack.operations.holding import holding
from govstack.operations.preview import preview_all, selected
from govstack.operations.report import RunReport
from govstack.operations.run import Confirm, Run, begin, finished, merged, open_cloud, report
from govstack.operations.session import open_session
from govstack.operations.stacks import Stacks
from govstack.operations.target import Target
from govstack.plan.passes import expanded
from govstack.site.model import PLATFORM
from govstack.values.observer import Observer
from govstack.values.result import Result


def up(
    target: Target,
    observer: Observer,
    *,
    systems: tuple[str, ...] = (),
    everything: bool = False,
    confirm: Confirm | None = None,
) -> Result[RunReport]:
    """Bring the site (or some systems, with all that they need) to life.

    Args:
        target: the site and environment.
        observer: told of progress.
        systems: which ones; all if empty.
        everything: run also what has not changed since its last run.
        confirm: asked once the preview is there, if it holds changes.

    Raises:
        UnknownSelection: the site has no such system.
        AddressesMissing: nodes without an address of their own.
        Locked: another run holds the environment.
    """
    session = open_session(target)
    selected(session.plan, systems)
    if session.plan.provisional:
        raise AddressesMissing(session.plan.provisional)
    with holding(session, observer, "up"):
        run = begin(session, observer, everything=everything)
        with Stacks(open_cloud(run)) as stacks:
            if confirm is not None:
                foreseen = report(run, "up", preview_all(run, stacks, systems))
                if foreseen.failures or not foreseen.has_changes:
                    return finished(run, foreseen)
                if not confirm(foreseen):
                    return Result(data=report(run, "up", {}, confirmed=False))
                run = run.from_now()
            results = _converge(run, stacks, systems)
    return finished(run, report(run, "up", results))


def _converge(run: Run, stacks: Stacks, systems: tuple[str, ...]) -> dict[str, StackResult]:
    plan = run.session.plan
    chosen = selected(plan, systems)
    roomy = expanded(plan.platform, run.before)
    stacks.follow_moves(chosen)
    first = tuple(roomy if stack.id == PLATFORM else stack for stack in chosen)
    results = stacks.converge(first, Verb.UPDATE)
    if systems or any(result.error for result in results.values()):
        return results
    if run.removed:
        results |= stacks.remove(run.removed, Verb.DESTROY)
    if roomy != plan.platform and not any(result.error for result in results.values()):
        last = stacks.converge((plan.platform,), Verb.UPDATE)
        results[PLATFORM] = merged(results[PLATFORM], last[PLATFORM])
    return results
