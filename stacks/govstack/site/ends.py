"""The two ends of a flow, read from their text."""

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

ANY: Final = "any"
INTERNET: Final = "internet"
WHOLE_INTERNET: Final = IPv4Network("0.0.0.0/0")


@dataclass(frozen=True, slots=True)
class AnyEnd:
    """Every system that the other end can reach."""


@dataclass(frozen=True, slots=True)
class ZoneEnd:
    """All systems of a zone, as far as they are in it."""

    zone: str


@dataclass(frozen=True, slots=True)
class SystemEnd:
    """A system, or one role of it."""

    system: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class OutsideEnd:
    """A network outside the site."""

    network: IPv4Network


End = AnyEnd | ZoneEnd | SystemEnd | OutsideEnd


def parse_end(text: str) -> End:
    """Read one end of a flow.

    Zones are written in upper case and systems in lower case, so the text alone tells them apart.

    Raises:
        ValueError: it has a slash, but is neither a network nor ``system/role``.
    """
    if text == ANY:
        return AnyEnd()
    if text == INTERNET:
        return OutsideEnd(WHOLE_INTERNET)
    if text[:1].isdigit():
        return OutsideEnd(IPv4Network(text))
    if text[:1].isupper():
        return ZoneEnd(text)
    system, slash, role = text.partition("/")
    if slash and not role:
        message = f"{text!r} names no role"
        raise ValueError(message)
    return SystemEnd(system, role)
