"""Recovery: after a run that died, makes state and cloud agree before anything is run again.

An engine that is killed leaves a lock, operations that nobody knows the end of, and things in the
cloud that no state knows.  They are in nobody's use, since the run that made them never got to its
end; so they are removed, and what the state knows of is looked at by the engine itself.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from govstack.clouds.failure import telling
from govstack.clouds.found import Found, Known, Owner
from govstack.clouds.unready import in_error
from govstack.engine.checkpoint import checkpoint_digest, checkpoint_path
from govstack.engine.recovery import Remembered, known_to_all, mend, remembered, settle
from govstack.engine.remnants import break_dead_locks, end_remnants, locks_of
from govstack.errors import StateUnreadable
from govstack.operations.leftovers import Leftover, clear, owner_of, reach_of
from govstack.operations.session import Session
from govstack.plan.model import ProjectPlan, StackPlan, SystemPlan
from govstack.state.places import Places
from govstack.state.records import Record
from govstack.values.observer import Level, Note, Observer

AT_ONCE: Final = 4
"""How many projects are looked at side by side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A stack that is to be run: under which name it is in the state, and its record."""

    system: str
    layer: str
    stack: str
    birth: str
    record: Record | None

    @property
    def names(self) -> tuple[str, str]:
        """Return the engine's names of project and stack."""
        return self.layer, self.stack


def subjects_of(
    plans: Iterable[StackPlan], records: Mapping[str, Record], removed: Mapping[str, Record]
) -> tuple[Subject, ...]:
    """Return the stacks of these plans and of these removed systems, as the state has them."""
    planned = (_planned(plan, records.get(plan.id)) for plan in plans)
    return (*planned, *map(_gone, removed.values()))


def recover(
    session: Session,
    observer: Observer,
    subjects: tuple[Subject, ...],
    before: tuple[ProjectPlan, ...],
    ready: Callable[[], object],
    cause: str = "an earlier run was interrupted",
) -> frozenset[str]:
    """Clear away what runs that died have left; return the systems to be looked at in the cloud.

    Args:
        session: the environment, whose lock is held.
        observer: told of what was done.
        subjects: the stacks that are to be run.
        before: the projects that there were.
        ready: called once something is to be done, to see that the cloud is there.
        cause: why there may be something.

    Raises:
        Locked: an engine on another machine holds a stack.
    """
    places = session.places
    if not any(_is_interrupted(places, each) for each in subjects) and not locks_of(places.backend):
        return frozenset()
    ready()
    if end_remnants(places.backend):
        observer.notify(Note("engines of an earlier run were still at work; they have ended"))
    break_dead_locks(places.backend)
    touched = tuple(each for each in subjects if _is_interrupted(places, each))
    for each in touched:
        if mend(places.backend, *each.names):
            text = f"the state of {each.system} was damaged; it is as it was before that run"
            observer.notify(Note(text, Level.WARNING))
    try:
        known = known_to_all(places.backend)
        states = {each.system: remembered(places.backend, *each.names) for each in touched}
    except StateUnreadable as error:
        text = f"what an earlier run may have left was not looked for: {error}"
        observer.notify(Note(text, Level.WARNING))
        return frozenset()
    half_made = (name for state in states.values() for name in state.half_made)
    look = _Look(session, owner_of(session, before, half_made), known, states)
    with telling(), ThreadPoolExecutor(AT_ONCE) as pool:
        parts = list(pool.map(look.at, (each for each in touched if each.birth)))
        # The platform comes last: it may take away the user by whom a system is looked at.
        parts += [look.at(each) for each in touched if not each.birth]
    found = tuple(each for part in parts for each in part)
    for each in touched:
        settle(places.backend, *each.names)
    _tell(observer, found, cause)
    return frozenset(each.system for each in touched)


def _planned(plan: StackPlan, record: Record | None) -> Subject:
    birth = plan.birth if isinstance(plan, SystemPlan) else ""
    layer, stack = (record.layer, record.system) if record else (plan.layer, plan.id)
    return Subject(system=plan.id, layer=layer.value, stack=stack, birth=birth, record=record)


def _gone(record: Record) -> Subject:
    return Subject(
        system=record.system,
        layer=record.layer.value,
        stack=record.system,
        birth=record.birth,
        record=record,
    )


def _is_interrupted(places: Places, subject: Subject) -> bool:
    """Tell whether the stack's last operation did not come to a good end.

    Whether records are right is told by their content alone, never by a clock.
    """
    if subject.record is None:
        return checkpoint_path(places.backend, *subject.names).exists()
    digest = checkpoint_digest(places.backend, *subject.names)
    return not subject.record.finished or subject.record.checkpoint != digest


@dataclass(frozen=True, slots=True)
class _Look:
    """What is looked for, wherever."""

    session: Session
    owner: Owner
    known: Known
    states: Mapping[str, Remembered]

    def at(self, subject: Subject) -> tuple[Leftover, ...]:
        """Remove what the interrupted run of one stack left in the cloud."""
        since = _begun(self.session.places, subject)
        state = self.states[subject.system]
        failed: Known = frozenset()

        def may_go(found: Found) -> bool:
            # What is older than the interrupted run may hold data, whatever the state says of it.
            return (
                not found.kind.holds_data
                or self.session.plan.environment.disposable
                or found.name in state.half_made
                or (found.kind.type, found.id) in failed
                or _is_younger(found, since)
            )

        clouds = self.session.places.clouds
        with reach_of(clouds, subject.birth, subject.system) as reach:
            if reach is None:
                return ()
            # What never came to work is removed like what nobody knows of, and made anew.
            failed = in_error(reach, state.unready)
            return clear(reach, self.owner, self.known - failed, may_go)


def _begun(places: Places, subject: Subject) -> datetime | None:
    """Return when the interrupted run began: then it marked the record as unfinished."""
    try:
        seconds = (places.records / f"{subject.stack}.json").stat().st_mtime
    except FileNotFoundError:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _is_younger(found: Found, since: datetime | None) -> bool:
    if since is None or not found.made:
        return False
    made = datetime.fromisoformat(found.made)
    return (made if made.tzinfo else made.replace(tzinfo=UTC)) >= since


def _tell(observer: Observer, found: tuple[Leftover, ...], cause: str) -> None:
    gone = Counter(each.found.kind.word for each in found if not each.error)
    if gone:
        words = ", ".join(
            f"{number} {word}" + ("s" if number > 1 else "") for word, number in gone.items()
        )
        observer.notify(Note(f"{cause}; removed what it left: {words}"))
    for each in found:
        if each.error:
            what = f"{each.found.kind.word} {each.found.name} ({each.found.id})"
            text = f"in no state, and not removed: {what}: {each.error}; see govstack sweep"
            observer.notify(Note(text, Level.WARNING))
