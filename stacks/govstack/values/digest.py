"""Digests of values: equal values have equal digests, on every machine and run."""

import dataclasses
import enum
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import date
from ipaddress import IPv4Address, IPv4Network
from pathlib import PurePath

from govstack.values.secret import Secret


def plain(value: object) -> object:
    """Reduce a value to what JSON can say; secrets are masked.

    Raises:
        TypeError: the value holds something that has no plain form.
    """
    return _plain(value, reveal=False)


def digest(value: object) -> str:
    """Return the SHA-256 of a value without secrets, as 64 hexadecimal digits."""
    return hashlib.sha256(_canonical(value, reveal=False)).hexdigest()


def keyed_digest(value: object, key: Secret) -> str:
    """Return the HMAC-SHA-256 of a value that may hold secrets.

    A plain digest of a short secret can be guessed; a keyed one cannot.
    """
    message = _canonical(value, reveal=True)
    return hmac.new(key.reveal().encode(), message, hashlib.sha256).hexdigest()


def _canonical(value: object, *, reveal: bool) -> bytes:
    return json.dumps(
        _plain(value, reveal=reveal), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


def _plain(value: object, *, reveal: bool) -> object:
    if isinstance(value, enum.Enum):
        return value.value
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Secret):
        return value.reveal() if reveal else str(value)
    if isinstance(value, PurePath | IPv4Address | IPv4Network | date):
        return str(value)
    return _plain_collection(value, reveal=reveal)


def _plain_collection(value: object, *, reveal: bool) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item, reveal=reveal) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, reveal=reveal) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(item, reveal=reveal) for item in value), key=str)
    message = f"{type(value).__name__} has no plain form"
    raise TypeError(message)
