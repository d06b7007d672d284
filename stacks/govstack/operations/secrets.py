"""Secrets: gives an environment a new passphrase, or a new key that a key manager wraps."""

import secrets
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from govstack.errors import StateUnreadable
from govstack.operations.holding import (
    BACKUPS,
    COMPLETE,
    IN_USE,
    ROTATING,
    backups_of,
    bring,
    forget_store,
    kept_of,
    locked,
    store_of,
    wipe,
)
from govstack.operations.report_state import RotationReport
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.state.files import write_private
from govstack.state.keys import (
    Keys,
    keep_wrapped,
    keys_of,
    new_wrapped,
    protector_of,
    put_wrapped,
)
from govstack.state.rekey import rekeyed
from govstack.state.secrets import keys_in
from govstack.state.stores.files import FileStore
from govstack.state.usage import in_use
from govstack.values.observer import Observer
from govstack.values.result import Result
from govstack.values.secret import Secret

REASON: Final = "secrets rotate"


def rotate(target: Target, observer: Observer) -> Result[RotationReport]:
    """Encrypt all that is kept of the environment with a new passphrase or a new wrapped key.

    Which of both is what the environment's file says; so this also goes from one to the other.
    Everything is prepared beside the state, then put in place; interrupted, it goes on where it
    was when it is run again.  Automatic backups made with the old passphrase are removed.

    Raises:
        Locked: someone else holds the environment.
        StateUnreadable: there is no state yet, or it does not open with the present passphrase.
    """
    session = open_session(target)
    folder = session.places.root / ROTATING
    with ExitStack() as opened:
        lease = locked(session, observer, REASON, opened)
        usage = opened.enter_context(in_use(session.places.root / IN_USE))
        if not (folder / COMPLETE).exists():
            kept = kept_of(session)
            if kept:
                bring(kept, usage, lease, observer)
            _prepare(session, folder)
        number = _put_in_place(session, folder)
        kept = kept_of(session)
        if kept:
            wipe(session, kept, usage)
    plan = session.plan
    return Result(
        data=RotationReport(
            site=plan.site,
            name=plan.name,
            environment=plan.environment.name,
            files=number,
            **protector_of(session.places),
        )
    )


def _prepare(session: Session, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _, copy = backups_of(session)
    files = copy.files()
    if not files:
        raise StateUnreadable("there is no state yet", hint="run govstack up first")
    new = _new_keys(session)
    for path, data in rekeyed(files, keys_in(session.places), new).items():
        write_private(folder / path, data.decode("utf-8"))
    if new.wrapped:
        keep_wrapped(folder / session.places.wrapped_key.name, new.wrapped)
    else:
        write_private(folder / session.places.passphrase.name, new.phrase.reveal())
    write_private(folder / COMPLETE, new.wrapped.manager if new.wrapped else "")


def _new_keys(session: Session) -> Keys:
    """Return new keys of the kind that the environment's file asks for."""
    manager = session.places.manager
    return keys_of(new_wrapped(manager)) if manager else Keys(Secret(secrets.token_urlsafe(32)))


def _put_in_place(session: Session, folder: Path) -> int:
    places, root = session.places, session.places.root
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != COMPLETE:
            path.replace(root / path.relative_to(folder))
    # By what was prepared: the environment's file may say something else by now.
    managed = (folder / COMPLETE).read_text(encoding="utf-8")
    other = places.passphrase if managed else places.wrapped_key
    other.unlink(missing_ok=True)
    store = store_of(session)
    if store:
        put_wrapped(places, store)
    number = len(backups_of(session)[1].files())
    forget_store(FileStore(root / BACKUPS))
    (root / BACKUPS / "copy.json").unlink(missing_ok=True)
    kept = kept_of(session)
    if kept:
        kept.copy.keep_anew(REASON)
        # What the old passphrase opens must not stay.
        kept.shelf.prune(1)
    # Made from the old passphrase, and good for what it has sealed; the next run makes its own.
    (places.engine_home / "keys").unlink(missing_ok=True)
    shutil.rmtree(folder)
    return number
