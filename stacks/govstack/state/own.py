"""Secrets that only configured hosts have: passwords and keys between them, made on first use."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from govstack.errors import StateUnreadable
from govstack.state.files import write_private
from govstack.state.openpgp import armored
from govstack.state.places import Places
from govstack.state.secrets import passphrase
from govstack.state.vault import read_vault, seal
from govstack.values.secret import Secret

FORMAT: Final = 1
VAULT: Final = "_hosts.yml"
"""Where they lie, as ``govstack_passwords`` and ``govstack_logins``; of those that people have been
shown, ``govstack_shown`` holds the day."""
PASSWORDS: Final = "govstack_passwords"
LOGINS: Final = "govstack_logins"
SIGNING: Final = "govstack_signing_keys"
SHOWN: Final = "govstack_shown"
LATER: Final = frozenset({SHOWN})
"""What files of an earlier govstack have not."""
RSA_BITS: Final = 3072
EXPONENT: Final = 65537
Texts = dict[str, str]
BYTES: Final = 24


class OwnSecrets:
    """The secrets of an environment's hosts; `keep` writes down those that were made.

    Raises:
        StateUnreadable: what is there cannot be read.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._path = places.vault / VAULT
        parts = self._read(self._path)
        self._passwords, self._logins = parts[PASSWORDS], parts[LOGINS]
        self._signing, self._shown = parts[SIGNING], parts[SHOWN]
        self._is_new = False

    def password(self, name: str) -> Secret:
        """Return the password that goes by this name."""
        if name not in self._passwords:
            self._passwords[name] = secrets.token_urlsafe(BYTES)
            self._is_new = True
        return Secret(self._passwords[name])

    def login(self, name: str) -> tuple[str, Secret]:
        """Return public and private key that go by this name, as OpenSSH writes them."""
        if name not in self._logins:
            key = Ed25519PrivateKey.generate()
            self._logins[name] = key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.OpenSSH,
                serialization.NoEncryption(),
            ).decode("ascii")
            self._is_new = True
        text = self._logins[name]
        key_read = serialization.load_ssh_private_key(text.encode("ascii"), password=None)
        public = key_read.public_key().public_bytes(
            serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        )
        return public.decode("ascii"), Secret(text)

    def publishing(self, name: str, owner: str) -> tuple[str, Secret]:
        """Return public and private key that go by this name, as OpenPGP writes them."""
        _, private = self.login(name)
        key = serialization.load_ssh_private_key(private.reveal().encode("ascii"), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            message = f"the key {name} is of another kind than it was made"
            raise StateUnreadable(message)
        return armored(key, owner)

    def signing(self, name: str) -> Secret:
        """Return the private RSA key that goes by this name, as PEM."""
        if name not in self._signing:
            key = generate_private_key(public_exponent=EXPONENT, key_size=RSA_BITS)
            self._signing[name] = key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ).decode("ascii")
            self._is_new = True
        return Secret(self._signing[name])

    def shown(self, name: str) -> str:
        """Return the day that a person was shown the password of this name; empty if never."""
        return self._shown.get(name, "")

    def mark_shown(self, name: str, day: str) -> None:
        """Note the day that a person was shown the password of this name."""
        self._shown[name] = day
        self._is_new = True

    def forget(self, name: str) -> None:
        """Forget the password of this name, so that the next one who asks gets another."""
        if self._passwords.pop(name, None) or self._shown.pop(name, None):
            self._shown.pop(name, None)
            self._is_new = True

    def keep(self) -> None:
        """Write down what was made since it was read."""
        if self._is_new:
            content = {
                "govstack_format": FORMAT,
                PASSWORDS: dict(sorted(self._passwords.items())),
                LOGINS: dict(sorted(self._logins.items())),
                SIGNING: dict(sorted(self._signing.items())),
                SHOWN: dict(sorted(self._shown.items())),
            }
            write_private(self._path, seal(content, passphrase(self._places)))
            self._is_new = False

    def _read(self, path: Path) -> dict[str, Texts]:
        if not path.exists():
            return {name: {} for name in (PASSWORDS, LOGINS, SIGNING, SHOWN)}
        content = read_vault(path, passphrase(self._places))
        if content.get("govstack_format") != FORMAT:
            raise StateUnreadable(
                f"{path} is of a format that this govstack does not know",
                hint="use the govstack that wrote it",
            )
        return {name: _texts(content, name) for name in (PASSWORDS, LOGINS, SIGNING, SHOWN)}


def _texts(content: Mapping[str, object], name: str) -> Texts:
    part = content.get(name, {} if name in LATER else None)
    if not isinstance(part, dict):
        message = f"{name} is missing: {json.dumps(sorted(content))}"
        raise StateUnreadable(message)
    return {str(key): str(text) for key, text in part.items()}
