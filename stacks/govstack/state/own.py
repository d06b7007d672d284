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
from govstack.state.places import Places
from govstack.state.secrets import passphrase
from govstack.state.vault import read_vault, seal
from govstack.values.secret import Secret

FORMAT: Final = 1
VAULT: Final = "_hosts.yml"
"""Where they lie, as ``govstack_passwords`` and ``govstack_logins``."""
PASSWORDS: Final = "govstack_passwords"
LOGINS: Final = "govstack_logins"
SIGNING: Final = "govstack_signing_keys"
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
        self._passwords, self._logins, self._signing = self._read(self._path)
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

    def keep(self) -> None:
        """Write down what was made since it was read."""
        if self._is_new:
            content = {
                "govstack_format": FORMAT,
                PASSWORDS: dict(sorted(self._passwords.items())),
                LOGINS: dict(sorted(self._logins.items())),
                SIGNING: dict(sorted(self._signing.items())),
            }
            write_private(self._path, seal(content, passphrase(self._places)))
            self._is_new = False

    def _read(self, path: Path) -> tuple[Texts, Texts, Texts]:
        if not path.exists():
            return {}, {}, {}
        content = read_vault(path, passphrase(self._places))
        if content.get("govstack_format") != FORMAT:
            raise StateUnreadable(
                f"{path} is of a format that this govstack does not know",
                hint="use the govstack that wrote it",
            )
        return _texts(content, PASSWORDS), _texts(content, LOGINS), _texts(content, SIGNING)


def _texts(content: Mapping[str, object], name: str) -> Texts:
    part = content.get(name)
    if not isinstance(part, dict):
        message = f"{name} is missing: {json.dumps(sorted(content))}"
        raise StateUnreadable(message)
    return {str(key): str(text) for key, text in part.items()}
