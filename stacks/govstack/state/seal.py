"""Seals what leaves this machine: AES-256-GCM with a key made from the environment's passphrase."""

import functools
import hashlib
import hmac
import os
import zlib
from typing import Final

from govstack.errors import StateUnreadable
from govstack.values.secret import Secret

MAGIC: Final = b"govstack-sealed\x01"
"""How a sealed object begins; the last byte is its format."""

SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32
COST: Final = 2**15
"""Of scrypt: 50 ms, once for each salt; memory 32 MiB."""

QUICK: Final = 1
"""Level of compression: state is repetitive text, to which more brings little."""


class Sealer:
    """Seals and opens with one passphrase; an environment's objects share one salt."""

    def __init__(self, passphrase: Secret, salt: bytes = b"") -> None:
        self._passphrase = passphrase
        self.salt = salt or os.urandom(SALT_BYTES)

    def seal(self, key: str, data: bytes) -> bytes:
        """Return data sealed for the object of this key, and for no other."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - heavy

        nonce = os.urandom(NONCE_BYTES)
        box = AESGCM(self._key(self.salt))
        sealed = box.encrypt(nonce, zlib.compress(data, QUICK), key.encode())
        return MAGIC + self.salt + nonce + sealed

    def open(self, key: str, sealed: bytes) -> bytes:
        """Return what is in a sealed object.

        Raises:
            StateUnreadable: it was sealed with another passphrase, or is damaged.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - heavy
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - heavy

        salt, rest = salt_of(key, sealed), sealed[len(MAGIC) + SALT_BYTES :]
        nonce, body = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
        try:
            return zlib.decompress(AESGCM(self._key(salt)).decrypt(nonce, body, key.encode()))
        except (InvalidTag, ValueError, zlib.error) as error:
            raise StateUnreadable(
                f"{key} in the store does not open with this machine's passphrase",
                hint="put the passphrase in place that the state was made with; if it is, the "
                "object is damaged: restore a backup",
            ) from error

    def name(self, data: bytes) -> str:
        """Return the name of a content: equal for equal contents, and telling nothing of them."""
        return hmac.new(self._key(self.salt), data, hashlib.sha256).hexdigest()

    def _key(self, salt: bytes) -> bytes:
        return _derived(self._passphrase, salt)


def salt_of(key: str, sealed: bytes) -> bytes:
    """Return the salt of a sealed object.

    Raises:
        StateUnreadable: it is no sealed object, or one of a newer format.
    """
    if not sealed.startswith(MAGIC):
        newer = sealed.startswith(MAGIC[:-1])
        raise StateUnreadable(
            f"{key} in the store is {'of a newer format' if newer else 'no state of govstack'}",
            hint="use the govstack that wrote it, or name another prefix in backend",
        )
    return sealed[len(MAGIC) : len(MAGIC) + SALT_BYTES]


@functools.lru_cache(maxsize=64)
def _derived(passphrase: Secret, salt: bytes) -> bytes:
    return hashlib.scrypt(
        passphrase.reveal().encode(),
        salt=salt,
        n=COST,
        r=8,
        p=1,
        maxmem=2 * 128 * 8 * COST,
        dklen=KEY_BYTES,
    )
