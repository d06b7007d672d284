"""Holds an environment for a run: its lock, its state at hand, and afterwards in its store.

Where the state is kept as plain files of this user there is nothing to fetch and nothing to put
back; a backup is made all the same.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from govstack.errors import GovstackError, Locked, StateUnreachable, StateUnreadable
from govstack.operations.session import Session
from govstack.state.book import BOOKS, CONTENTS, Shelf
from govstack.state.copy import WorkingCopy, set_aside
from govstack.state.keys import OBJECT, check_declared, fetch_wrapped, has_secrets, offer_wrapped
from govstack.state.lock import Lease, Lock
from govstack.state.locklog import LockLog
from govstack.state.secrets import passphrase
from govstack.state.store import Sequence, Store
from govstack.state.stores import open_store
from govstack.state.stores.files import FileStore
from govstack.state.usage import Usage, in_use
from govstack.values.observer import Level, Note, Observer

KEEP_SECONDS: Final = 5.0
"""How often a run puts what has changed into the store: what a machine that dies can lose."""

KEPT_BOOKS: Final = 10
KEPT_BACKUPS: Final = 10

SEALED, BACKUPS, ROTATING = "sealed", "backups", "rotating"
"""Folders of the environment: its state encrypted between runs, the automatic backups, and what a
change of the passphrase prepares; with the file `COMPLETE` it is to be put in place."""

COMPLETE, IN_USE = "complete", "in-use"


@dataclass(frozen=True, slots=True)
class Kept:
    """An environment's state in a store that is not its own folder."""

    store: Store
    copy: WorkingCopy
    shelf: Shelf


def store_of(session: Session) -> Store | None:
    """Return the store that the environment's file names; None for plain files of this user."""
    environment = session.plan.environment
    if environment.backend:
        inside = f"{session.plan.site}/{session.places.root.name}"
        return open_store(environment.backend, inside)
    sealed = session.places.root / SEALED
    # What was encrypted once stays readable when that is no longer wished.
    if environment.encrypt_state or (sealed / BOOKS).is_dir():
        return FileStore(sealed)
    return None


def lock_of(session: Session) -> Lock:
    """Return the lock that all who use the environment's store share."""
    return Lock(log_of(session), session.plan.environment.backend)


def log_of(session: Session) -> LockLog:
    """Return the log of that lock."""
    shared = store_of(session) if session.plan.environment.backend else None
    return LockLog(shared or FileStore(session.places.root))


@contextmanager
def holding(session: Session, observer: Observer, reason: str) -> Iterator[Lease]:
    """Hold the environment while the body changes it.

    Args:
        session: the environment; its target says whether to wait for other runs.
        observer: told of what is waited for and of what was found.
        reason: shown to others, and kept with the state.

    Raises:
        Locked: someone else holds the environment, or has taken it over.
        StateUnreachable: its store did not answer; what was done is kept on this machine.
    """
    with ExitStack() as opened:
        lease = locked(session, observer, reason, opened)
        if (session.places.root / ROTATING / COMPLETE).exists():
            raise StateUnreadable(
                "the passphrase of this environment is being changed, which was interrupted",
                hint="govstack secrets rotate goes on with it",
            )
        usage = opened.enter_context(in_use(session.places.root / IN_USE))
        kept = kept_of(session)
        check_declared(session.places)
        if kept:
            bring(kept, usage, lease, observer)
            opened.enter_context(_keeping(session, kept, usage, (lease, reason), observer))
        back_up(session, f"before {reason}")
        yield lease


def locked(session: Session, observer: Observer, reason: str, opened: ExitStack) -> Lease:
    """Hold the environment's lock until `opened` ends; return it."""

    def tell(text: str) -> None:
        observer.notify(Note(text))

    waits, address = session.target.waits, session.plan.environment.backend
    own = Lock(LockLog(FileStore(session.places.root)), None if address else "")
    # Sandbox verbs lock this machine's side alone.
    lease = opened.enter_context(own.held(reason, waits=waits, tell=tell))
    if address:
        lease = opened.enter_context(lock_of(session).held(reason, waits=waits, tell=tell))
    return lease


@contextmanager
def reading(session: Session, observer: Observer | None = None) -> Iterator[None]:
    """Have the environment's state at hand while the body reads it; nothing is locked."""
    store = store_of(session)
    if store is None or not Sequence(store, BOOKS).last()[0]:
        yield
        return
    with in_use(session.places.root / IN_USE) as usage:
        kept = _opened(session, store)
        with usage.alone(waits=False) as is_alone:
            # Whoever uses it already has brought it, or is changing it right now.
            aside = kept.copy.bring() if is_alone else None
        if aside and observer:
            _tell_aside(observer, str(aside))
        try:
            yield
        finally:
            wipe(session, kept, usage)


def back_up(session: Session, reason: str) -> None:
    """Keep the state as it is now, if it is not what was kept last; forget the oldest.

    Backups that another passphrase opens are set aside: it was changed on another machine.
    """
    if not has_secrets(session.places):
        return
    shelf, copy = backups_of(session)
    try:
        made = copy.keep(reason)
    except StateUnreadable:
        set_aside(session.places.root, BACKUPS)
        made = copy.keep(reason)
    if made:
        shelf.prune(KEPT_BACKUPS)


def backups_of(session: Session) -> tuple[Shelf, WorkingCopy]:
    """Return the shelf of automatic backups, and the state as seen from there."""
    root = session.places.root
    shelf = Shelf(FileStore(root / BACKUPS), passphrase(session.places))
    return shelf, WorkingCopy(root, shelf, root / BACKUPS / "copy.json")


def kept_of(session: Session) -> Kept | None:
    """Return the environment's state in its store; None where plain files are all there is."""
    store = store_of(session)
    return _opened(session, store) if store else None


def forget(session: Session) -> None:
    """Remove what the store and the backups hold of an environment whose cloud is gone."""
    store = store_of(session)
    forget_store(FileStore(session.places.root / BACKUPS))
    if store:
        forget_store(store)
    for marker in (session.places.root / "copy.json", session.places.root / BACKUPS / "copy.json"):
        marker.unlink(missing_ok=True)


def forget_store(store: Store) -> None:
    """Remove the state that a store holds; what is known of its lock stays."""
    store.delete(OBJECT)
    for folder in (BOOKS, CONTENTS):
        for key in store.list(f"{folder}/"):
            store.delete(key)


def _opened(session: Session, store: Store) -> Kept:
    places = session.places
    is_rotating = (places.root / ROTATING / COMPLETE).exists()
    is_shared = is_rotating or fetch_wrapped(places, store)
    if not has_secrets(places) and Sequence(store, BOOKS).last()[0]:
        raise StateUnreadable(
            f"the passphrase of the state in {store.name} is not on this machine: "
            f"{places.passphrase} is missing",
            hint="copy the file from a machine that has it, mode 0600; it is never in the store",
        )
    shelf = Shelf(store, passphrase(places))
    if not is_shared:
        offer_wrapped(places, store)
    return Kept(store, WorkingCopy(places.root, shelf, places.root / "copy.json"), shelf)


def bring(kept: Kept, usage: Usage, lease: Lease, observer: Observer) -> None:
    """Have the last state of the store in the copy, and nobody else's run write after it."""
    with usage.alone(waits=True):
        aside = kept.copy.bring()
    if aside:
        _tell_aside(observer, str(aside))
    # What a run that died left here belongs into the store. And after one that died elsewhere,
    # a new book makes sure that it can add none any more.
    if kept.copy.keep("what an interrupted run left", always=lease.took_over):
        observer.notify(Note(f"an earlier run was interrupted; its state is in {kept.store.name}"))


@contextmanager
def _keeping(
    session: Session, kept: Kept, usage: Usage, held: tuple[Lease, str], observer: Observer
) -> Iterator[None]:
    keeper = _Keeper(kept, *held, observer)
    keeper.start()
    try:
        yield
    except BaseException:
        # What went wrong is the body's; what it did is kept as well as can be.
        keeper.stop()
        with suppress(GovstackError):
            kept.copy.keep(held[1])
            wipe(session, kept, usage)
        raise
    keeper.stop()
    if held[0].is_lost:
        return
    try:
        kept.copy.keep(held[1])
        kept.shelf.prune(KEPT_BOOKS)
    except StateUnreachable as error:
        raise StateUnreachable(
            f"{error}; what was done is kept on this machine",
            hint="when the store answers again, run the same command again: it puts there what "
            "is missing",
        ) from error
    wipe(session, kept, usage)


class _Keeper(threading.Thread):
    """Puts what has changed into the store while a run goes on."""

    def __init__(self, kept: Kept, lease: Lease, reason: str, observer: Observer) -> None:
        super().__init__(daemon=True, name="keeper")
        self._kept = kept
        self._lease = lease
        self._reason = reason
        self._observer = observer
        self._ended = threading.Event()
        self._warned = False

    def run(self) -> None:
        while not self._ended.wait(KEEP_SECONDS):
            try:
                self._kept.copy.keep(self._reason)
                self._warned = False
            except Locked:
                self._lease.lose()
                return
            except GovstackError as error:
                self._warn(error)

    def stop(self) -> None:
        """End, after what is being put has been put."""
        self._ended.set()
        self.join()

    def _warn(self, error: GovstackError) -> None:
        if not self._warned:
            text = f"{error}; the state is kept on this machine meanwhile"
            self._observer.notify(Note(text, Level.WARNING))
        self._warned = True


def wipe(session: Session, kept: Kept, usage: Usage) -> None:
    """Leave nothing in clear, where that is wished and nobody else reads it."""
    if not session.plan.environment.encrypt_state:
        return
    with usage.alone(waits=False) as is_alone:
        if is_alone and kept.copy.is_kept():
            kept.copy.wipe()


def _tell_aside(observer: Observer, folder: str) -> None:
    text = (
        f"others have changed the state since a run here was interrupted: what it left is in "
        f"{folder}, and the cloud may hold resources that no state knows: govstack sweep"
    )
    observer.notify(Note(text, Level.WARNING))
