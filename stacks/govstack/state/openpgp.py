"""Writes an Ed25519 key as OpenPGP does, for those who sign packages; RFC 4880 and its EdDSA draft.

Nothing but one key with one name that signs itself and packages.  The same key always gives the
same texts, so nothing has to be kept besides it.
"""

import hashlib
from base64 import b64encode
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from govstack.values.secret import Secret

BEGIN: Final = 1_704_067_200
"""When keys count as made, 2024-01-01: before whatever they sign."""
VERSION: Final = b"\x04"
EDDSA: Final = b"\x16"
SHA512: Final = b"\x0a"
POSITIVE_CERTIFICATION: Final = b"\x13"
CERTIFIES_AND_SIGNS: Final = b"\x03"
CURVE: Final = bytes.fromhex("092b06010401da470f01")
SECRET_KEY, SIGNATURE, PUBLIC_KEY, USER = 5, 2, 6, 13
MADE, ISSUER, FLAGS, FINGERPRINT = 2, 16, 27, 33
ONE_OCTET: Final = 192
COLUMNS: Final = 64
CRC_BEGIN, CRC_POLYNOMIAL = 0xB704CE, 0x1864CFB


def armored(key: Ed25519PrivateKey, owner: str) -> tuple[str, Secret]:
    """Return public and private key in ASCII.

    Args:
        key: the key itself.
        owner: its name, which who uses it sees.
    """
    public = _public(key)
    end = _packet(USER, owner.encode()) + _packet(SIGNATURE, _signature(key, public, owner))
    secret = _number(key.private_bytes_raw())
    private = public + b"\x00" + secret + (sum(secret) % 0x10000).to_bytes(2, "big")
    return (
        _armor("PUBLIC KEY", _packet(PUBLIC_KEY, public) + end),
        Secret(_armor("PRIVATE KEY", _packet(SECRET_KEY, private) + end)),
    )


def _public(key: Ed25519PrivateKey) -> bytes:
    point = b"\x40" + key.public_key().public_bytes_raw()
    return VERSION + BEGIN.to_bytes(4, "big") + EDDSA + CURVE + _number(point)


def _fingerprint(public: bytes) -> bytes:
    return hashlib.sha1(_framed(public), usedforsecurity=False).digest()


def _framed(public: bytes) -> bytes:
    return b"\x99" + len(public).to_bytes(2, "big") + public


def _signature(key: Ed25519PrivateKey, public: bytes, owner: str) -> bytes:
    print_ = _fingerprint(public)
    hashed = (
        _part(MADE, BEGIN.to_bytes(4, "big"))
        + _part(FLAGS, CERTIFIES_AND_SIGNS)
        + _part(FINGERPRINT, VERSION + print_)
    )
    head = VERSION + POSITIVE_CERTIFICATION + EDDSA + SHA512 + _sized(hashed)
    name = owner.encode()
    text = (
        _framed(public)
        + b"\xb4"
        + len(name).to_bytes(4, "big")
        + name
        + head
        + VERSION
        + b"\xff"
        + len(head).to_bytes(4, "big")
    )
    digest = hashlib.sha512(text).digest()
    signed = key.sign(digest)
    half = len(signed) // 2
    numbers = _number(signed[:half]) + _number(signed[half:])
    return head + _sized(_part(ISSUER, print_[-8:])) + digest[:2] + numbers


def _part(kind: int, content: bytes) -> bytes:
    return bytes((len(content) + 1, kind)) + content


def _sized(parts: bytes) -> bytes:
    return len(parts).to_bytes(2, "big") + parts


def _number(octets: bytes) -> bytes:
    """Return a number with its bits counted, and without zeros before it."""
    bare = octets.lstrip(b"\x00")
    return int.from_bytes(bare, "big").bit_length().to_bytes(2, "big") + bare


def _packet(tag: int, body: bytes) -> bytes:
    size = len(body)
    if size < ONE_OCTET:
        return bytes((0xC0 | tag, size)) + body
    size -= ONE_OCTET
    return bytes((0xC0 | tag, ONE_OCTET + (size >> 8), size & 0xFF)) + body


def _armor(kind: str, data: bytes) -> str:
    text = b64encode(data).decode("ascii")
    lines = [text[start : start + COLUMNS] for start in range(0, len(text), COLUMNS)]
    check = b64encode(_crc(data).to_bytes(3, "big")).decode("ascii")
    frame = f"PGP {kind} BLOCK-----"
    return "\n".join([f"-----BEGIN {frame}", "", *lines, f"={check}", f"-----END {frame}", ""])


def _crc(data: bytes) -> int:
    crc = CRC_BEGIN
    for octet in data:
        crc ^= octet << 16
        for _ in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= CRC_POLYNOMIAL
    return crc
