"""Which certificates are to be made anew, by what there is and what time it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address
from typing import Final

from govstack.trust.terms import Span, Standing
from govstack.trust.wanted import Wanted

Key = tuple[str, str]
"""Host and service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a certificate says that is there.

    Attributes:
        subject: whose it is, as RFC 4514 writes it.
        issuer: who signed it, in the same way.
        names: as in `Wanted`.
        addresses: as in `Wanted`.
        span: when it is good.
        serial: its number, in hexadecimal.
        fingerprint: SHA-256 of it, in hexadecimal.
        is_ours: whether the authority of now has signed it.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    addresses: tuple[IPv4Address, ...]
    span: Span
    serial: str
    fingerprint: str
    is_ours: bool


GOOD: Final = frozenset({Standing.VALID})
"""What need not be made anew."""


def standing_of(wanted: Wanted, held: Held | None, now: datetime) -> Standing:
    """Tell how the certificate that there is does as the one that there must be."""
    if held is None:
        return Standing.MISSING
    standing = held.span.standing(now)
    if standing is Standing.EXPIRED:
        return standing
    same = (set(held.names), set(held.addresses)) == (set(wanted.names), set(wanted.addresses))
    return standing if same and held.is_ours else Standing.CHANGED


def to_make(
    wanted: Iterable[Wanted], held: Mapping[Key, Held], now: datetime
) -> tuple[Wanted, ...]:
    """Return the certificates that are to be made, or made anew."""
    return tuple(each for each in wanted if standing_of(each, held.get(each.key), now) not in GOOD)
