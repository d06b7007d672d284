"""Encrypts anew, with another key, what is encrypted in an environment's files.

The engine says in each stack's settings and checkpoint what it encrypts with, and seals each
secret for itself by AES-256-GCM.  With a passphrase that is a salt with a sealed word, and the key
is made from both (PBKDF2 with a million rounds); with a key manager it is the wrapped key itself.
"""

import base64
import functools
import hashlib
import json
import os
import re
from collections.abc import Mapping
from typing import Final

from govstack.errors import StateUnreadable
from govstack.state.keys import Keys
from govstack.values.secret import Secret

ROUNDS: Final = 1_000_000
KEY_BYTES, SALT_BYTES, NONCE_BYTES = 32, 8, 12
WORD: Final = b"pulumi"
"""What the engine seals with a salt, to know the right passphrase."""

CODE: Final = r"[A-Za-z0-9+/]+=*"
SALT: Final = re.compile(rf"v1:({CODE}):(v1:{CODE}:{CODE})")
WRAPPED: Final = re.compile(r'"?encryptedkey"?:\s*"?([A-Za-z0-9+/=]+)"?')
SEALED: Final = re.compile(rf'("ciphertext":\s*"|secure:\s*)(v1:{CODE}:{CODE})')
SETTINGS: Final = re.compile(
    r"^(?:encryptionsalt|secretsprovider|encryptedkey):.*\n?", re.MULTILINE
)
PROVIDERS: Final = re.compile(r'"secrets_providers":\s*\{[^{}]*(?:\{[^{}]*\})?[^{}]*\}')
"""What settings and a checkpoint say of the key."""
CHECKPOINT: Final = ".json"
VAULT: Final = "vault/"


def rekeyed(files: Mapping[str, bytes], old: Keys, new: Keys) -> dict[str, bytes]:
    """Return the files of a state as they are with the new keys.

    Raises:
        StateUnreadable: something does not open with the old ones.
        KeyManagerFailed: the key manager does not open a key.
    """
    salts: dict[str, str] = {}
    return {path: _file(path, data, (old, new), salts) for path, data in files.items()}


def _file(path: str, data: bytes, keys: tuple[Keys, Keys], salts: dict[str, str]) -> bytes:
    old, new = keys
    if path.startswith(VAULT):
        return _vault(path, data, (old.phrase, new.phrase))
    text = data.decode("utf-8")
    found = SALT.search(text) or WRAPPED.search(text)
    if not found:
        return data
    before = _key_before(path, found, old)
    # Stacks that shared a salt go on to share one.
    salt = salts.setdefault(found[1], base64.b64encode(os.urandom(SALT_BYTES)).decode())
    after = new.wrapped.key if new.wrapped else _engine_key(new.phrase, salt)

    def again(match: re.Match[str]) -> str:
        return match[1] + _sealed(after, _opened(path, before, match[2]))

    said = "" if new.wrapped else f"v1:{salt}:{_sealed(after, WORD)}"
    return _says(path, SEALED.sub(again, text), new, said).encode()


def _key_before(path: str, found: re.Match[str], old: Keys) -> bytes:
    if found.re is SALT and not old.wrapped:
        key = _engine_key(old.phrase, found[1])
        if _opened(path, key, found[2]) == WORD:
            return key
    elif found.re is WRAPPED and old.wrapped and found[1] == old.wrapped.encoded:
        return old.wrapped.key
    raise _unreadable(path)


def _says(path: str, text: str, new: Keys, salt: str) -> str:
    """Return settings or a checkpoint as they are with another key."""
    if not path.endswith(CHECKPOINT):
        said = new.wrapped.settings if new.wrapped else f"encryptionsalt: {salt}\n"
        return said + SETTINGS.sub("", text)
    provider: Mapping[str, object] = {"type": "passphrase", "state": {"salt": salt}}
    if new.wrapped:
        state = {"url": new.wrapped.manager, "encryptedkey": new.wrapped.encoded}
        provider = {"type": "cloud", "state": state}
    said = f'"secrets_providers": {json.dumps(provider)}'
    return PROVIDERS.sub(lambda _: said, text)


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
