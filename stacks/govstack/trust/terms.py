"""For how long certificates are good, when they are made anew, and with which algorithm."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Algorithm(StrEnum):
    """What keys of X.509 certificates are made with; each is a row of a table in `x509`."""

    ECDSA_P256 = "ecdsa-p256"
    ECDSA_P384 = "ecdsa-p384"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of an environment's certificates.

    Attributes:
        algorithm: of the keys of the X.509 authority and its certificates.
        authority: for how long the X.509 authority is good.
        server: for how long the certificate of a service is.
        host: for how long a host is known by its SSH certificate.
        login: for how long the automation may log in with one.
        skew: how much before its making a certificate begins, for clocks that are late.
    """

    algorithm: Algorithm = Algorithm.ECDSA_P256
    authority: timedelta = timedelta(days=3652)
    server: timedelta = timedelta(days=90)
    host: timedelta = timedelta(days=90)
    login: timedelta = timedelta(hours=1)
    skew: timedelta = timedelta(minutes=5)


TERMS: Final = Terms()
RENEWED_AT: Final = 3
"""A certificate is made anew when less than this part of its life is left: a third."""


class Standing(StrEnum):
    """How a certificate does."""

    VALID = "valid"
    DUE = "due"
    EXPIRED = "expired"
    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when something is good, both to the second."""

    begins: datetime
    ends: datetime

    def standing(self, now: datetime) -> Standing:
        """Tell whether it is good, and for long enough."""
        if not self.begins <= now < self.ends:
            return Standing.EXPIRED
        left, whole = self.ends - now, self.ends - self.begins
        return Standing.DUE if left * RENEWED_AT < whole else Standing.VALID


def span(
    now: datetime, length: timedelta, *, skew: timedelta, last: datetime | None = None
) -> Span:
    """Return the span of something that is made now.

    Args:
        now: with a time zone.
        length: how long it is good from now on.
        skew: how much earlier it begins.
        last: when whoever signs it ends, which it cannot outlive.
    """
    moment = now.replace(microsecond=0)
    ends = moment + length
    return Span(moment - skew, min(ends, last) if last else ends)
