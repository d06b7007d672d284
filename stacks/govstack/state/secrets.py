"""The secrets that an environment makes for itself, each in a file of mode 0600."""

import json
import secrets
from collections.abc import Iterable

from govstack.errors import StateUnreadable
from govstack.state.files import write_private
from govstack.state.keys import Keys, has_secrets, keep_wrapped, keys_of, new_wrapped, wrapped_in
from govstack.state.places import Places
from govstack.values.secret import Secret


def passphrase(places: Places) -> Secret:
    """Return the passphrase of all secrets, made on first use.

    With a key manager it follows from a key that only the manager can open.

    Raises:
        StateUnreadable: the file is empty, or is missing although state was made with it.
        KeyManagerFailed: the key manager did not answer, or refused us.
    """
    wrapped = wrapped_in(places)
    if wrapped is None and places.manager and not (has_secrets(places) or places.backend.exists()):
        wrapped = new_wrapped(places.manager)
        keep_wrapped(places.wrapped_key, wrapped)
    if wrapped:
        return keys_of(wrapped).phrase
    if not places.passphrase.exists():
        if places.backend.exists():
            raise StateUnreadable(
                f"the passphrase of this environment's state is missing: {places.passphrase}",
                hint="restore the file from where you keep its copy; without it no secret in the "
                "state can be read",
            )
        write_private(places.passphrase, secrets.token_urlsafe(32))
    text = places.passphrase.read_text(encoding="utf-8").strip()
    if not text:
        raise StateUnreadable(
            f"the passphrase file is empty: {places.passphrase}",
            hint="restore the file from where you keep its copy",
        )
    return Secret(text)


def keys_in(places: Places) -> Keys:
    """Return what the environment's secrets are encrypted with, made on first use.

    Raises:
        StateUnreadable, KeyManagerFailed: as for the passphrase.
    """
    phrase = passphrase(places)
    return Keys(phrase, wrapped_in(places))


def known_passwords(places: Places) -> dict[str, Secret]:
    """Return all passwords that there are, by their keys; none is made."""
    return {key: Secret(password) for key, password in _read(places).items()}


def passwords(places: Places, keys: Iterable[str]) -> dict[str, Secret]:
    """Return a password for each of these keys; missing ones are made and kept.

    Args:
        places: the environment's.
        keys: names of service users, and keys of credentials (`CredentialPlan.key`).
    """
    known = _read(places)
    wanted = tuple(keys)
    missing = [key for key in wanted if key not in known]
    if missing:
        known |= {key: secrets.token_urlsafe(24) for key in missing}
        write_private(places.passwords, json.dumps(known, indent=1, sort_keys=True))
    return {key: Secret(known[key]) for key in wanted}


def renew_passwords(places: Places, keys: Iterable[str]) -> None:
    """Make new passwords for these keys, whether there were any or not."""
    made = {key: secrets.token_urlsafe(24) for key in keys}
    write_private(places.passwords, json.dumps(_read(places) | made, indent=1, sort_keys=True))


def _read(places: Places) -> dict[str, str]:
    if not places.passwords.exists():
        return {}
    try:
        known = json.loads(places.passwords.read_text(encoding="utf-8"))
    except ValueError as error:
        raise StateUnreadable(
            f"the passwords of the service users cannot be read: {places.passwords}: {error}",
            hint="restore the file from a copy",
        ) from error
    return {str(user): str(password) for user, password in known.items()}
