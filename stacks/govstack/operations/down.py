"""Down: removes systems and all that depends on them, downstream first."""

from dataclasses import replace

from govstack.engine.job import StackResult, Verb
from govstack.engine.protection import EVERYTHING
from govstack.errors import Protected, StrangersInside
from govstack.operations.again import finish_removal
from govstack.operations.holding import holding
from govstack.operations.machines import switch_on
from govstack.operations.projects import check_empty
from govstack.operations.report import RunReport
from govstack.operations.run import Confirm, Run, begin, finished, open_cloud, report
from govstack.operations.select import with_dependants
from govstack.operations.session import open_session
from govstack.operations.stacks import Stacks
from govstack.operations.target import Target
from govstack.site.model import PLATFORM
from govstack.state.records import Record
from govstack.values.observer import Observer
from govstack.values.result import Result


def down(
    target: Target,
    observer: Observer,
    *,
    systems: tuple[str, ...] = (),
    destroy_data: bool = False,
    confirm: Confirm | None = None,
) -> Result[RunReport]:
    """Remove systems (all, if none is named) and whatever depends on them from the cloud.

    Args:
        target: the site and environment.
        observer: told of progress.
        systems: which ones.
        destroy_data: also in an environment that is not disposable, with all protected data.
        confirm: asked before anything is removed, with what each system holds.

    Raises:
        UnknownSelection: there is no such system.
        Protected: the environment is not disposable, and its data were not to be destroyed.
        StrangersInside: a project holds what is not ours.
        Locked: another run holds the environment.
    """
    session = open_session(target)
    if not session.plan.environment.disposable and not destroy_data:
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
            check_empty(session, chosen.values())
            stacks.recover((), chosen, run.before)
            stacks.lifted = dict.fromkeys(names, EVERYTHING)
            results = _removed(run, stacks, chosen)
        notes = switch_on(session)
    done = finished(run, report(run, "down", results))
    return replace(done, notes=(*done.notes, *notes))


def _removed(run: Run, stacks: Stacks, chosen: dict[str, Record]) -> dict[str, StackResult]:
    """Remove systems; then the platform, whose projects must be empty by then."""
    systems = {name: record for name, record in chosen.items() if name != PLATFORM}
    results = _away(run, stacks, systems)
    if PLATFORM not in chosen:
        return results
    failed = [name for name, result in results.items() if result.error]
    if failed:
        error = f"not run: {', '.join(failed)} failed"
        return results | {PLATFORM: StackResult(system=PLATFORM, error=error, skipped=True)}
    try:
        check_empty(run.session, systems.values(), removed=True)
    except StrangersInside as found:
        kept = StackResult(system=PLATFORM, error=str(found), hint=found.hint)
        return results | {PLATFORM: kept}
    return results | _away(run, stacks, {PLATFORM: chosen[PLATFORM]})


def _away(run: Run, stacks: Stacks, records: dict[str, Record]) -> dict[str, StackResult]:
    return finish_removal(run, stacks, records, stacks.remove(records, Verb.DESTROY))


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
