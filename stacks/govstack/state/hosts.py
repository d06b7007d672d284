"""What each host was last configured with: a keyed digest, and when that was."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from govstack.errors import StateUnreadable
from govstack.state.files import write_private
from govstack.state.places import Places

FORMAT: Final = 1
UNSURE: Final = ""
"""The digest of a host on which something failed: what it is now nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """A host as its last configuration left it.

    Attributes:
        digest: keyed digest of its roles, their files, their variables and secrets, and its server;
            `UNSURE` if that failed.
        roles: that were run, in this order.
        updated: when that was.
    """

    host: str
    digest: str
    roles: tuple[str, ...]
    updated: str


def read_configured(places: Places) -> Mapping[str, Configured]:
    """Return what is known, by host.

    Raises:
        StateUnreadable: a file is damaged.
    """
    found: dict[str, Configured] = {}
    for path in sorted(places.hosts.glob("*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content.pop("format") == FORMAT:
                found[path.stem] = Configured(**{**content, "roles": tuple(content["roles"])})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StateUnreadable(
                f"what is known of a host cannot be read: {path}: {error}",
                hint="remove the file: the host is then configured anew",
            ) from error
    return found


def write_configured(places: Places, configured: Configured) -> None:
    """Keep what a host was configured with."""
    content = {"format": FORMAT, **dataclasses.asdict(configured)}
    text = json.dumps(content, indent=1)
    write_private(places.hosts / f"{configured.host}.json", text)


def forget_configured(places: Places, host: str) -> None:
    """Forget a host, so that it is configured anew."""
    (places.hosts / f"{host}.json").unlink(missing_ok=True)
