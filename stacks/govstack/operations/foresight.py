"""What a run may do, judged by its preview and the records, before anything is run."""

from collections.abc import Iterable, Mapping

from govstack.engine.job import StackResult
from govstack.engine.protection import key_of
from govstack.errors import ChangesPending, TooMuchLost
from govstack.operations.decide import standings
from govstack.operations.run import Run
from govstack.operations.select import with_upstream
from govstack.operations.standing import Stand, Standing
from govstack.plan.model import StackPlan
from govstack.site.model import PLATFORM
from govstack.values.change import Change, Risk
from govstack.values.observer import Level, Note

Lifted = Mapping[str, frozenset[str]]
"""By system, what may go although it is protected."""


def chosen_stacks(
    run: Run, systems: tuple[str, ...], *, with_dependencies: bool
) -> tuple[StackPlan, ...]:
    """Return the stacks that `up` runs: all, or the platform and those that were named.

    All stands on the platform, so it is part of every run; over some systems it only grows.

    Raises:
        UnknownSelection: the site has no such system.
        ChangesPending: a named system needs another, which has changes that are not applied.
    """
    stacks = run.session.plan.stacks
    needed = with_upstream(systems, {stack.id: stack.upstream for stack in stacks})
    if not systems or with_dependencies:
        return tuple(stack for stack in stacks if stack.id in needed)
    named = {PLATFORM, *systems}
    _refuse_pending(run, [stack for stack in stacks if stack.id in needed - named])
    return tuple(stack for stack in stacks if stack.id in named)


def check_losses(run: Run, results: Mapping[str, StackResult], allowed: int | None) -> Lifted:
    """Return what may go although it is protected: what was foreseen, if it is not too much.

    A disposable environment has no limit, and nothing is protected in it.

    Raises:
        TooMuchLost: more would go than is allowed.
    """
    if run.session.plan.environment.disposable:
        return {}
    lost = _lost(results)
    limit = _limit(run, allowed)
    if len(lost) > limit:
        raise TooMuchLost(tuple(f"{change.system}: {change.name}" for change in lost), limit)
    return {
        system: frozenset(key_of(change) for change in lost if change.system == system)
        for system in {change.system for change in lost}
    }


def loss_notes(run: Run, results: Mapping[str, StackResult]) -> tuple[Note, ...]:
    """Return a note if `up` would refuse to lose so much."""
    try:
        check_losses(run, results, None)
    except TooMuchLost as refusal:
        return (Note(f"up will be refused: {refusal}", Level.WARNING),)
    return ()


def _limit(run: Run, allowed: int | None) -> int:
    return run.session.site.policy.max_deletes if allowed is None else allowed


def _lost(results: Mapping[str, StackResult]) -> tuple[Change, ...]:
    return tuple(
        change
        for result in results.values()
        for change in result.changes
        if change.risk is Risk.DATA_LOSS
    )


def _refuse_pending(run: Run, stacks: Iterable[StackPlan]) -> None:
    pending = {
        stack.id: stand
        for stack, stand in standings(run.session, run.records, stacks)
        if stand.has_site_changes
    }
    if not pending:
        return
    ids = tuple(pending)
    told = "; ".join(f"{name} {_told(stand)}" for name, stand in pending.items())
    raise ChangesPending(
        f"not all that is needed is as declared: {told}",
        hint=f"first: govstack up {' '.join(ids)}; or all at once: --with-dependencies",
    )


def _told(stand: Standing) -> str:
    if stand.stand is Stand.NEVER_RUN:
        return "is not there yet"
    if stand.stand is Stand.UNFINISHED:
        return "was not finished"
    if stand.stand is Stand.MOVED:
        return "was renamed or moved"
    return f"has changes ({', '.join(stand.parts)})" if stand.parts else "has changes"
