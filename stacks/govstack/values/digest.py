"""Digests of values: equal values have equal digests, on every machine and run."""

import dataclasses
import enum
import functools
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import date
from ipaddress import IPv4Address, IPv4Network
from pathlib import PurePath
from typing import Any

from govstack.values.secret import Secret

_SCALARS = frozenset({str, int, bool, float, type(None)})
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def plain(value: object) -> object:
    """Reduce a value to what JSON can say; secrets are masked.

    Raises:
        TypeError: the value holds something that has no plain form.
    """
    return _plain(value, False)  # noqa: FBT003


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
    return _ENCODER.encode(_plain(value, reveal)).encode()


def _plain(value: object, reveal: bool) -> object:  # noqa: FBT001 - called a million times
    kind: type = type(value)
    return value if kind in _SCALARS else _form_of(kind)(value, reveal)


@functools.cache
def _form_of(kind: type) -> Callable[[Any, bool], object]:
    """Return what reduces values of this type.

    Raises:
        TypeError: they have no plain form.
    """
    if issubclass(kind, Secret):
        return lambda value, reveal: value.reveal() if reveal else str(value)
    if issubclass(kind, enum.Enum):
        return lambda value, _: value.value
    if issubclass(kind, PurePath | IPv4Address | IPv4Network | date):
        return lambda value, _: str(value)
    if dataclasses.is_dataclass(kind):
        return _fields_form(tuple(field.name for field in dataclasses.fields(kind)))
    if issubclass(kind, str | int | float):
        return lambda value, _: value
    return _collection_form(kind)


def _fields_form(names: tuple[str, ...]) -> Callable[[Any, bool], object]:
    def form(value: object, reveal: bool) -> object:  # noqa: FBT001
        return {
            name: item if type(item := getattr(value, name)) in _SCALARS else _plain(item, reveal)
            for name in names
        }

    return form


def _collection_form(kind: type) -> Callable[[Any, bool], object]:
    if issubclass(kind, Mapping):
        return lambda value, reveal: {str(k): _plain(item, reveal) for k, item in value.items()}
    if issubclass(kind, list | tuple):
        return lambda value, reveal: [
            item if type(item) in _SCALARS else _plain(item, reveal) for item in value
        ]
    if issubclass(kind, set | frozenset):
        return lambda value, reveal: sorted((_plain(item, reveal) for item in value), key=str)
    message = f"{kind.__name__} has no plain form"
    raise TypeError(message)
