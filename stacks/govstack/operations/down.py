"""Down: removes systems and all that depends on them, downstream first."""

from govstack.engine.job import StackResult, Verb
from govstack.errors import Protected
from govstack.operations.holding import holding
from govstack.operations.report import RunReport
from govstack.operations.run import Confirm, Run, begin, finished, open_cloud, report
from govstack.operations.select import with_dependants
from govstack.operations.session import open_session
from govstack.operations.stacks import Stacks
from govstack.operations.target import Target
from govstack.values.observer import Observer
from govstack.values.result import Result


def down(
    target: Target,
    observer: Observer,
    *,
    systems: tuple[str, ...] = (),
    confirm: Confirm | None = None,
) -> Result[RunReport]:
    """Remove systems (all, if none is named) and whatever depends on them from the cloud.

    Args:
        target: the site and environment.
        observer: told of progress.
        systems: which ones.
        confirm: asked before anything is removed, with what each system holds.

    Raises:
        UnknownSelection: there is no such system.
        Protected: the environment is not disposable.
        Locked: another run holds the environment.
    """
    session = open_session(target)
    if not session.plan.environment.disposable:
        raise Protected(session.plan.environment.name)
    with holding(session, observer, "down"):
        run = begin(session, observer)
        names = _selected(run, systems)
        if not names:
            return Result(data=report(run, "down", {}))
        if confirm is not None and not confirm(_foreseen(run, names)):
            return Result(data=report(run, "down", {}, confirmed=False))
        run = run.from_now()
        chosen = {name: run.records[name] for name in names}
        with Stacks(open_cloud(run)) as stacks:
            results = stacks.remove(chosen, Verb.DESTROY)
    return finished(run, report(run, "down", results))


def _selected(run: Run, systems: tuple[str, ...]) -> set[str]:
    """Return those of these systems, and of their dependants, that there is anything of."""
    upstream = {stack.id: stack.upstream for stack in run.session.plan.stacks}
    upstream |= {name: record.upstream for name, record in run.records.items()}
    return with_dependants(systems, upstream) & set(run.records)


def _foreseen(run: Run, names: set[str]) -> RunReport:
    held_by = {
        name: StackResult(
            system=name,
            outputs=run.records[name].outputs or None,
            resources=run.records[name].resources,
        )
        for name in names
    }
    return report(run, "down", held_by)
