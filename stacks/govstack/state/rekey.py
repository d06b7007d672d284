"""Encrypts anew, with another passphrase, what is encrypted in an environment's files.

The engine keeps a salt with a sealed word in each stack's settings and checkpoint, and seals each
secret for itself: PBKDF2 with a million rounds, then AES-256-GCM.
"""

import base64
import functools
import hashlib
import os
import re
from collections.abc import Mapping
from typing import Final

from govstack.errors import StateUnreadable
from govstack.values.secret import Secret

ROUNDS: Final = 1_000_000
KEY_BYTES, SALT_BYTES, NONCE_BYTES = 32, 8, 12
WORD: Final = b"pulumi"
"""What the engine seals with a salt, to know the right passphrase."""

CODE: Final = r"[A-Za-z0-9+/]+=*"
SALT: Final = re.compile(rf"v1:({CODE}):(v1:{CODE}:{CODE})")
SEALED: Final = re.compile(rf'("ciphertext":\s*"|secure:\s*)(v1:{CODE}:{CODE})')
VAULT: Final = "vault/"


def rekeyed(files: Mapping[str, bytes], old: Secret, new: Secret) -> dict[str, bytes]:
    """Return the files of a state as they are with the new passphrase.

    Raises:
        StateUnreadable: something does not open with the old one.
    """
    salts: dict[str, str] = {}
    return {path: _file(path, data, (old, new), salts) for path, data in files.items()}


def _file(path: str, data: bytes, keys: tuple[Secret, Secret], salts: dict[str, str]) -> bytes:
    if path.startswith(VAULT):
        return _vault(path, data, keys)
    text = data.decode("utf-8")
    found = SALT.search(text)
    if not found:
        return data
    old, new = keys
    before = _engine_key(old, found[1])
    if _opened(path, before, found[2]) != WORD:
        raise _unreadable(path)
    # Stacks that shared a salt go on to share one.
    salt = salts.setdefault(found[1], base64.b64encode(os.urandom(SALT_BYTES)).decode())
    after = _engine_key(new, salt)
    text = text.replace(found[0], f"v1:{salt}:{_sealed(after, WORD)}")

    def again(match: re.Match[str]) -> str:
        return match[1] + _sealed(after, _opened(path, before, match[2]))

    return SEALED.sub(again, text).encode()


def _vault(path: str, data: bytes, keys: tuple[Secret, Secret]) -> bytes:
    from ansible.errors import AnsibleError  # noqa: PLC0415 - heavy, seldom needed
    from ansible.parsing.vault import VaultLib, VaultSecret  # noqa: PLC0415 - heavy, seldom needed

    old, new = (VaultLib([("default", VaultSecret(key.reveal().encode()))]) for key in keys)
    try:
        sealed: bytes = new.encrypt(old.decrypt(data))
    except AnsibleError as error:
        raise _unreadable(path) from error
    return sealed


def _opened(path: str, key: bytes, sealed: str) -> bytes:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - heavy

    _, nonce, body = sealed.split(":")
    try:
        return AESGCM(key).decrypt(base64.b64decode(nonce), base64.b64decode(body), None)
    except (InvalidTag, ValueError) as error:
        raise _unreadable(path) from error


def _sealed(key: bytes, data: bytes) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - heavy

    nonce = os.urandom(NONCE_BYTES)
    body = AESGCM(key).encrypt(nonce, data, None)
    return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(body).decode()}"


@functools.lru_cache(maxsize=64)
def _engine_key(passphrase: Secret, salt: str) -> bytes:
    return hashlib.pbkdf2_hmac(
        "sha256", passphrase.reveal().encode(), base64.b64decode(salt), ROUNDS, KEY_BYTES
    )


def _unreadable(path: str) -> StateUnreadable:
    return StateUnreadable(
        f"{path} does not open with the present passphrase",
        hint="nothing was changed; put the passphrase in place that it was made with",
    )
