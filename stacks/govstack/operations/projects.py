"""Are the projects that are to go empty, but for what goes with them?"""

from collections.abc import Iterable

from govstack.clouds.strangers import Ours, strangers_in
from govstack.engine.checkpoint import ids_in
from govstack.errors import StrangersInside
from govstack.operations.session import Session
from govstack.state.records import Record


def check_empty(session: Session, records: Iterable[Record], *, removed: bool = False) -> None:
    """Make sure that these systems' projects hold nothing that their stacks did not make.

    Adopted projects stay, and with them whatever else is in them.

    Args:
        session: the environment.
        records: of systems that are to go.
        removed: whether their stacks are gone already, so that nothing at all may be left.

    Raises:
        StrangersInside: there is more.
    """
    ours = {
        record.birth or record.system: Ours() if removed else _ours(session, record)
        for record in records
        if record.project and not record.project.get("adopted")
    }
    found = strangers_in(session.places.clouds, ours) if ours else ()
    if found:
        raise StrangersInside(found)


def _ours(session: Session, record: Record) -> Ours:
    """Return what is ours: in the stack, or named by us in a run that did not end well."""
    ids = ids_in(session.places.backend, record.layer.value, record.system)
    return Ours(frozenset(id_.rsplit("/", 1)[-1] for id_ in ids), f"{session.plan.code}-")
