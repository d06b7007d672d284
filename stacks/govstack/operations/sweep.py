"""Sweep: what is ours in the cloud and in no state, listed and, after a question, removed."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Final

from govstack.clouds.connect import connect, identity_of, refuses
from govstack.clouds.failure import telling
from govstack.clouds.found import Owner, Reach, labels_of, look
from govstack.clouds.kind import Scope
from govstack.clouds.remove import in_order, remove
from govstack.engine.recovery import known_to_all
from govstack.engine.remnants import end_remnants
from govstack.errors import CloudUnreachable
from govstack.operations.holding import holding
from govstack.operations.leftovers import Leftover, owner_of
from govstack.operations.run import Run, begin, open_cloud
from govstack.operations.session import open_session
from govstack.operations.sweep_report import Fate, SweepReport, SweptThing
from govstack.operations.target import Target
from govstack.site.model import PLATFORM
from govstack.values.observer import Observer
from govstack.values.result import Result

FOUND_EXIT: Final = 8
"""The exit code of a check that found something."""

DATA: Final = "it may hold data, and the environment is not disposable"

Confirm = Callable[[SweepReport], bool]
"""Shown what would be removed; returns whether to go on."""


def sweep(
    target: Target, observer: Observer, *, check: bool = False, confirm: Confirm | None = None
) -> Result[SweepReport]:
    """Find what bears our labels or names and is in no state, and remove it.

    What may hold data is removed only where the environment is disposable.

    Args:
        target: the site and environment.
        observer: told of progress.
        check: only look; the exit code tells whether anything was found.
        confirm: asked before anything is removed; None removes unasked.

    Raises:
        Locked: a run holds the environment, and may be making what it looks like nobody knows.
        StateUnreadable: a checkpoint is damaged, so nobody knows what is in no state.
        CloudUnreachable: the cloud did not do as it was asked.
    """
    session = open_session(target)
    with holding(session, observer, "sweep"), telling(), ExitStack() as stack:
        run = begin(session, observer)
        open_cloud(run)
        end_remnants(session.places.backend)
        known = known_to_all(session.places.backend)
        owner = owner_of(session, run.before, ())
        found = tuple(
            Leftover(each, reach)
            for reach in _reaches(run, owner, stack)
            for each in look(reach, owner, known)
        )
        ordered = _ordered(found)
        foreseen = _report(run, tuple(_thing(run, each) for each in ordered))
        if check:
            code = FOUND_EXIT if foreseen.things else 0
            return Result(data=dataclasses.replace(foreseen, checked=True), exit_code=code)
        if not foreseen.having(Fate.FOUND):
            return Result(data=foreseen)
        if confirm is not None and not confirm(foreseen):
            return Result(data=dataclasses.replace(foreseen, confirmed=False))
        done = _report(run, tuple(_removed(run, each) for each in ordered))
    code = CloudUnreachable.exit_code if done.having(Fate.FAILED) else 0
    return Result(data=done, exit_code=code)


def _reaches(run: Run, owner: Owner, stack: ExitStack) -> Iterator[Reach]:
    """Yield the way to every project that is ours, the platform's last.

    A project that has no entry of its own any more is looked at with the operator's eyes.
    """
    clouds = run.session.places.clouds
    platform = stack.enter_context(connect(clouds, PLATFORM))
    entries = {
        project.name: project
        for project in (*run.before, *run.session.plan.platform.projects)
        if not project.adopted
    }
    adopted = {
        str(project.adopted): project
        for project in run.session.plan.platform.projects
        if project.adopted
    }
    for project in identity_of(platform).projects():
        entry = entries.get(project.name) or adopted.get(project.name) or adopted.get(project.id)
        labels = labels_of(project.tags)
        if entry is None and not owner.owns(project.name, labels, Scope.PLATFORM):
            continue
        own = stack.enter_context(connect(clouds, entry.birth)) if entry else platform
        as_operator = entry is None or refuses(own)
        yield Reach(
            own=platform if as_operator else own,
            platform=platform,
            project=str(project.id),
            name=str(project.name),
            scope=Scope.SYSTEM,
            as_operator=as_operator,
            system=entry.system if entry else labels.get("gov:system", ""),
        )
    yield Reach(
        own=platform,
        platform=platform,
        project=str(platform.current_project_id),
        name=PLATFORM,
        scope=Scope.PLATFORM,
    )


def _ordered(found: tuple[Leftover, ...]) -> tuple[Leftover, ...]:
    """Return all that was found, users of things before the things, in whichever project."""
    known = {id(each.found): each for each in found}
    return tuple(known[id(each)] for each in in_order(tuple(item.found for item in found)))


def _thing(run: Run, leftover: Leftover, fate: Fate = Fate.FOUND, reason: str = "") -> SweptThing:
    found = leftover.found
    if found.kind.holds_data and not run.session.plan.environment.disposable:
        fate, reason = Fate.KEPT, DATA
    return SweptThing(
        kind=found.kind.word,
        name=found.name,
        id=found.id,
        project=leftover.reach.name,
        within=found.within,
        fate=fate,
        reason=reason,
    )


def _removed(run: Run, leftover: Leftover) -> SweptThing:
    thing = _thing(run, leftover)
    if thing.fate is Fate.KEPT:
        return thing
    error = remove(leftover.reach, leftover.found)
    return _thing(run, leftover, Fate.FAILED if error else Fate.REMOVED, error)


def _report(run: Run, things: tuple[SweptThing, ...]) -> SweepReport:
    plan = run.session.plan
    return SweepReport(
        site=plan.site, name=plan.name, environment=plan.environment.name, things=things
    )
