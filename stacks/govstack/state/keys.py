"""What an environment's secrets are encrypted with: a passphrase, or a key manager's wrapped key.

With a key manager, one random key encrypts all secrets.  It is kept as only the key manager can
open it: in a file beside the state, in its store and in backups.  In clear it is in the memory of
runs alone.  The engine encrypts with this key itself, we with a passphrase that follows from it.
"""

import base64
import functools
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from govstack.errors import StateUnreadable
from govstack.state.book import BOOKS
from govstack.state.files import write_private
from govstack.state.places import Places
from govstack.state.store import Sequence, Store
from govstack.state.transit import Transit
from govstack.values.secret import Secret

FORMAT: Final = 1
KEY_BYTES: Final = 32
PURPOSE: Final = b"govstack passphrase"
OBJECT: Final = "wrapped-key"
"""In a store, beside what is encrypted with the key."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A key as the key manager at an address has wrapped it."""

    manager: str
    text: str

    @property
    def key(self) -> bytes:
        """Return the key itself, which the engine encrypts with; asked for once in a process.

        Raises:
            KeyManagerFailed: the key manager does not open it.
        """
        return _unwrapped(self)

    @property
    def encoded(self) -> str:
        """Return it as the engine writes it down."""
        return base64.b64encode(self.text.encode()).decode()

    @property
    def settings(self) -> str:
        """Return what a stack's settings say of it."""
        return f"secretsprovider: {self.manager}\nencryptedkey: {self.encoded}\n"

    def as_json(self) -> Mapping[str, object]:
        """Return it as it is kept."""
        return {"format": FORMAT, "manager": self.manager, "wrapped": self.text}


@dataclass(frozen=True, slots=True)
class Keys:
    """What is encrypted with: always a passphrase; with a key manager, the key it follows from."""

    phrase: Secret
    wrapped: Wrapped | None = None


def keys_of(wrapped: Wrapped) -> Keys:
    """Return the keys that follow from a wrapped one.

    Raises:
        KeyManagerFailed: the key manager does not open it.
    """
    made = hmac.new(wrapped.key, PURPOSE, hashlib.sha256).digest()
    return Keys(Secret(base64.urlsafe_b64encode(made).decode()), wrapped)


def new_wrapped(manager: str) -> Wrapped:
    """Make a key and have it wrapped.

    Raises:
        KeyManagerFailed: the key manager did not answer, or refused us.
    """
    return Wrapped(manager, Transit(manager).wrap(os.urandom(KEY_BYTES)))


def wrapped_in(places: Places) -> Wrapped | None:
    """Return the wrapped key of an environment, None if it has none.

    Raises:
        StateUnreadable: the file is damaged.
    """
    if not places.wrapped_key.exists():
        return None
    return parse_wrapped(places.wrapped_key.read_bytes(), str(places.wrapped_key))


def parse_wrapped(data: bytes, where: str) -> Wrapped:
    """Return the wrapped key that is kept so.

    Raises:
        StateUnreadable: it is damaged.
    """
    try:
        body = json.loads(data)
        known = {FORMAT: Wrapped(str(body["manager"]), str(body["wrapped"]))}
        return known[body["format"]]
    except (ValueError, KeyError, TypeError) as error:
        raise StateUnreadable(
            f"the wrapped key in {where} cannot be read: {error}",
            hint="restore it from a backup of this folder, from the store, or with the govstack "
            "that wrote it",
        ) from error


def keep_wrapped(path: Path, wrapped: Wrapped) -> None:
    """Write a wrapped key down."""
    write_private(path, json.dumps(wrapped.as_json(), indent=1) + "\n")


def fetch_wrapped(places: Places, store: Store) -> bool:
    """Have the wrapped key that a store has, which is the newest; tell whether it has one.

    Raises:
        StateUnreadable: what the store has is damaged.
        StateUnreachable: the store does not answer.
    """
    there = store.get(OBJECT)
    if there is None:
        return False
    found = parse_wrapped(there, store.name)
    if found != wrapped_in(places):
        keep_wrapped(places.wrapped_key, found)
        places.passphrase.unlink(missing_ok=True)
    return True


def offer_wrapped(places: Places, store: Store) -> None:
    """Give the wrapped key to a new store that has none.

    Raises:
        StateUnreadable: the store has a state already, which is not encrypted with it.
        StateUnreachable: the store does not answer.
    """
    here = wrapped_in(places)
    if here is None:
        return
    if Sequence(store, BOOKS).last()[0]:
        raise StateUnreadable(
            f"the state in {store.name} is encrypted with a passphrase, and not with "
            f"{here.manager} any more",
            hint=f"put a copy of the passphrase into {places.passphrase}, mode 0600, remove "
            f"{places.wrapped_key}, and mend the line secrets: in the environment's file",
        )
    put_wrapped(places, store)


def put_wrapped(places: Places, store: Store) -> None:
    """Have a store have the wrapped key of the environment, or none if that has none.

    Raises:
        StateUnreachable: the store does not answer.
    """
    here = wrapped_in(places)
    if here:
        store.put(OBJECT, json.dumps(here.as_json()).encode())
    else:
        store.delete(OBJECT)


def has_secrets(places: Places) -> bool:
    """Tell whether the environment has something that its secrets are encrypted with."""
    return places.passphrase.exists() or places.wrapped_key.exists()


def protector_of(places: Places) -> dict[str, str]:
    """Return what seals all, as reports tell it: the passphrase's file or the manager's key."""
    wrapped = wrapped_in(places)
    return {"key_manager": wrapped.manager} if wrapped else {"passphrase": str(places.passphrase)}


def check_declared(places: Places) -> None:
    """Make sure that secrets are encrypted with what the environment's file says.

    Raises:
        StateUnreadable: they are encrypted with something else.
    """
    if not has_secrets(places):
        return
    wrapped = wrapped_in(places)
    used = wrapped.manager if wrapped else ""
    if used != places.manager:
        raise StateUnreadable(
            f"this environment's secrets are encrypted with {used or 'a passphrase'}, and its "
            f"file says {places.manager or 'nothing of a key manager'}",
            hint="govstack secrets rotate encrypts them as the file says; or mend the line "
            "secrets: there",
        )


@functools.lru_cache(maxsize=16)
def _unwrapped(wrapped: Wrapped) -> bytes:
    return Transit(wrapped.manager).unwrap(wrapped.text)
