"""State: lists, backs up, restores and moves what is kept of an environment."""

import dataclasses
from contextlib import suppress
from pathlib import Path
from typing import Final

from govstack.engine.checkpoint import checkpoint_path, known_stacks
from govstack.errors import StateUnreadable, UnknownSelection
from govstack.operations.holding import (
    back_up,
    backups_of,
    forget_store,
    holding,
    kept_of,
    log_of,
    reading,
    store_of,
)
from govstack.operations.report_state import (
    BackupMade,
    BackupReport,
    StackState,
    StateMoved,
    StateReport,
)
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.site.kinds import Layer
from govstack.state.archive import read_archive, wrapped_of_archive, write_archive
from govstack.state.book import Book
from govstack.state.copy import WorkingCopy
from govstack.state.keys import Keys, has_secrets, keep_wrapped, keys_of, protector_of
from govstack.state.records import read_records
from govstack.state.rekey import rekeyed
from govstack.state.secrets import keys_in
from govstack.values.observer import Observer
from govstack.values.result import Result

FILES: Final = "files"
"""What people write for the plain files of this user."""


def list_state(target: Target, observer: Observer) -> Result[StateReport]:
    """Tell where the state is, which stacks it has, and which automatic backups there are."""
    session = open_session(target)
    with reading(session, observer):
        stacks = _stacks(session)
    return Result(
        data=StateReport(
            **_subject(session),
            store=_where(session),
            **protector_of(session.places),
            stacks=stacks,
            backups=tuple(_backup(book) for book in _backups(session)),
        )
    )


def backup(target: Target, observer: Observer, path: Path) -> Result[BackupMade]:
    """Write all of the state into one file, sealed with the environment's passphrase.

    Raises:
        Locked: a run is changing the environment.
        StateUnreadable: the file exists already, or there is nothing to back up.
    """
    session = open_session(target)
    with holding(session, observer, "state backup"):
        _, copy = backups_of(session)
        if not copy.files():
            raise StateUnreadable("there is no state yet", hint="run govstack up first")
        keys = keys_in(session.places)
        made = write_archive(path.absolute(), session.plan.environment.name, copy, keys)
    report = BackupReport(
        made=made.made, reason="state backup", files=len(made.files), path=str(path.absolute())
    )
    return _made(session, report)


def restore(target: Target, observer: Observer, source: str) -> Result[BackupMade]:
    """Make the state what it was in a backup: a file's path, or an automatic one's number.

    The cloud is not touched.  What the state was is kept as an automatic backup.

    Raises:
        Locked: a run is changing the environment.
        StateUnreadable: the backup is damaged, or of another passphrase.
        UnknownSelection: there is no such backup.
    """
    session = open_session(target)
    places = session.places
    wrapped = None if source.isdigit() else wrapped_of_archive(Path(source))
    if wrapped and not has_secrets(places):
        # All is gone but the backup and the key manager: what it was encrypted with is used again.
        keep_wrapped(places.wrapped_key, wrapped)
    if not has_secrets(places):
        raise StateUnreadable(
            f"the passphrase of the backup is missing: {places.passphrase}",
            hint="put your copy of it there, mode 0600; no backup holds it",
        )
    with holding(session, observer, "state restore"):
        _, copy = backups_of(session)
        if source.isdigit():
            report = _from_book(session, copy, int(source))
        else:
            now = keys_in(places)
            then = keys_of(wrapped) if wrapped else Keys(now.phrase)
            found = read_archive(Path(source), then)
            files = found.files if then == now else rekeyed(found.files, then, now)
            copy.replace(files)
            report = BackupReport(
                made=found.made, reason="state backup", files=len(found.files), path=source
            )
        back_up(session, f"restored from {source}")
    return _made(session, report, restored=True)


def move(target: Target, observer: Observer, address: str) -> Result[StateMoved]:
    """Move the state to the store at an address; ``files`` are the plain files of this user.

    What was written is read back and compared before the former store is emptied.

    Raises:
        Locked: a run is changing the environment.
        StateUnreadable: the new store holds a state already.
    """
    session = open_session(target)
    backend = "" if address == FILES else address
    environment = dataclasses.replace(session.plan.environment, backend=backend)
    there = dataclasses.replace(
        session, plan=dataclasses.replace(session.plan, environment=environment)
    )
    before, after = _where(session), _where(there)
    if before == after:
        raise UnknownSelection(f"the state is in {after} already")
    marker = session.places.root / "copy.json"
    with holding(session, observer, "state move") as lease:
        number = _put(there, marker.with_name("copy.json.new")) if backend else _count(session)
        # Whoever still has the old address in their file is told; nobody goes on there.
        lease.note_move(backend or FILES)
    log_of(there).note_move("")
    marker.unlink(missing_ok=True)
    if backend:
        marker.with_name("copy.json.new").rename(marker)
    old = store_of(session)
    if old:
        forget_store(old)
    return Result(
        data=StateMoved(
            **_subject(session),
            before=before,
            after=after,
            backend=backend,
            file=f"environments/{environment.name}.yaml",
            files=number,
        )
    )


def _put(there: Session, marker: Path) -> int:
    """Put the copy into a new store and read it back; return of how many files it is."""
    marker.unlink(missing_ok=True)
    kept = kept_of(there)
    if kept is None or kept.shelf.latest() is not None:
        raise StateUnreadable(
            f"{_where(there)} holds a state already",
            hint="name another prefix; or, if that is the state to use, write it as backend",
        )
    copy = WorkingCopy(there.places.root, kept.shelf, marker)
    book = copy.keep("state move", always=True)
    if book is None:
        return 0
    copy.verify(book)
    return len(book.files)


def _count(session: Session) -> int:
    return len(backups_of(session)[1].files())


def _from_book(session: Session, copy: WorkingCopy, number: int) -> BackupReport:
    shelf, _ = backups_of(session)
    books = {book.number: book for book in shelf.books()}
    if number not in books:
        raise UnknownSelection(
            f"there is no automatic backup {number}", hint="see govstack state list"
        )
    book = books[number]
    contents = shelf.contents(book.files.values())
    copy.replace({path: contents[name] for path, name in book.files.items()})
    return _backup(book)


def _stacks(session: Session) -> tuple[StackState, ...]:
    records = read_records(session.places)
    found = []
    for project, name in known_stacks(session.places.backend):
        record = records.get(name)
        size = checkpoint_path(session.places.backend, project, name).stat().st_size
        found.append(
            StackState(
                layer=Layer(project),
                system=name,
                name=record.name if record else "",
                resources=record.resources if record else 0,
                size=size,
                updated=record.updated if record else "",
            )
        )
    return tuple(found)


def _backups(session: Session) -> tuple[Book, ...]:
    if not has_secrets(session.places):
        return ()
    # Those that another passphrase opens are none to return to; the next run sets them aside.
    with suppress(StateUnreadable):
        return backups_of(session)[0].books()
    return ()


def _backup(book: Book) -> BackupReport:
    return BackupReport(
        made=book.made, reason=book.reason, files=len(book.files), number=book.number
    )


def _made(session: Session, report: BackupReport, *, restored: bool = False) -> Result[BackupMade]:
    return Result(
        data=BackupMade(
            **_subject(session),
            backup=report,
            **protector_of(session.places),
            restored=restored,
        )
    )


def _where(session: Session) -> str:
    store = store_of(session)
    return store.name if store else session.places.root.absolute().as_uri()


def _subject(session: Session) -> dict[str, str]:
    plan = session.plan
    return {"site": plan.site, "name": plan.name, "environment": plan.environment.name}
