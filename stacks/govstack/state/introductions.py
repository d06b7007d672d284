"""Which hosts have shown who they are, and got a certificate that says so.

It is known on this machine only: on another, hosts are introduced once more, which harms nobody.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from govstack.state.files import write_private
from govstack.state.places import Places
from govstack.trust.terms import Span, Standing

FORMAT: Final = 1
FILE: Final = "introductions.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a host's certificate is about.

    Attributes:
        key: the host's own public key.
        principals: its name and addresses.
        authority: the public key of who signs.
    """

    key: str
    principals: tuple[str, ...]
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """A host's certificate, as it was installed there: of whom, its number, when it is good."""

    identity: Identity
    serial: int
    good: Span

    def stands(self, identity: Identity, now: datetime) -> bool:
        """Tell whether it is about the same, and ends not too soon."""
        return self.identity == identity and self.good.standing(now) is Standing.VALID


def read_introductions(places: Places) -> dict[str, Introduction]:
    """Return what is known, by host; what cannot be read is as good as unknown."""
    try:
        content = json.loads((places.login / FILE).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            return {}
        return {str(host): _read(one) for host, one in content["hosts"].items()}
    except (FileNotFoundError, KeyError, TypeError, ValueError):
        return {}


def write_introductions(places: Places, known: Mapping[str, Introduction]) -> None:
    """Keep what is known, by host."""
    hosts = {host: _plain(one) for host, one in sorted(known.items())}
    text = json.dumps({"format": FORMAT, "hosts": hosts}, indent=1)
    write_private(places.login / FILE, text)


def _plain(one: Introduction) -> dict[str, Any]:
    return {
        "key": one.identity.key,
        "principals": list(one.identity.principals),
        "authority": one.identity.authority,
        "serial": one.serial,
        "begins": one.good.begins.isoformat(),
        "ends": one.good.ends.isoformat(),
    }


def _read(one: dict[str, Any]) -> Introduction:
    begins, ends = (datetime.fromisoformat(one[name]) for name in ("begins", "ends"))
    identity = Identity(
        key=str(one["key"]),
        principals=tuple(one["principals"]),
        authority=str(one["authority"]),
    )
    return Introduction(identity=identity, serial=int(one["serial"]), good=Span(begins, ends))
