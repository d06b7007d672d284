"""Hashes passwords as `crypt` of systems does, by SHA-512; Python's own is going to be removed.

After Ulrich Drepper, Unix crypt using SHA-256 and SHA-512, version 0.6; its names are kept.
"""

import hashlib
from typing import Final

ROUNDS: Final = 5000
SALT_BYTES: Final = 16
ALPHABET: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
THIRD: Final = 21
LAST: Final = 63
PLACES: Final = tuple(
    tuple((start + THIRD * step) % LAST for step in order)
    for start, order in (
        (index, ((0, 1, 2), (1, 2, 0), (2, 0, 1))[index % 3]) for index in range(THIRD)
    )
)
"""Which bytes of the digest become four characters together."""


def sha512_crypt(password: str, salt: str) -> str:
    """Return the hash of a password; of the salt the first 16 bytes count."""
    key, pepper = password.encode(), _written(salt).encode()[:SALT_BYTES]
    digest_a = _mixed(key, pepper)
    key_sequence = _spread(hashlib.sha512(key * len(key)).digest(), len(key))
    times = 16 + digest_a[0]
    salt_sequence = _spread(hashlib.sha512(pepper * times).digest(), len(pepper))
    digest = digest_a
    for number in range(ROUNDS):
        odd = number % 2
        text = key_sequence if odd else digest
        text += salt_sequence if number % 3 else b""
        text += key_sequence if number % 7 else b""
        digest = hashlib.sha512(text + (digest if odd else key_sequence)).digest()
    return f"$6${pepper.decode()}${_encoded(digest)}"


def _mixed(key: bytes, salt: bytes) -> bytes:
    digest_b = hashlib.sha512(key + salt + key).digest()
    text = key + salt + _spread(digest_b, len(key))
    bits = len(key)
    while bits:
        text += digest_b if bits & 1 else key
        bits >>= 1
    return hashlib.sha512(text).digest()


def _spread(digest: bytes, size: int) -> bytes:
    return (digest * (size // len(digest) + 1))[:size]


def _written(salt: str) -> str:
    """Return a salt in the letters that such hashes are written in."""
    return salt.replace("-", ".").replace("_", "/")


def _encoded(digest: bytes) -> str:
    groups = [(digest[a] << 16 | digest[b] << 8 | digest[c], 4) for a, b, c in PLACES]
    groups.append((digest[LAST], 2))
    return "".join(
        ALPHABET[number >> 6 * place & 0x3F] for number, size in groups for place in range(size)
    )
