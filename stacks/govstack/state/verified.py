"""The last verification of an environment, as this machine made it: when, what, with which result.

It lies beside the state and is no part of it, since who verifies holds nothing.
"""

import dataclasses
import json
from dataclasses import dataclass
from typing import Final

from govstack.state.files import write_private
from govstack.state.places import Places

FORMAT: Final = 1
FILE: Final = "verified.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What the last verification found.

    Attributes:
        when: as ISO 8601 has it.
        whole: whether all hosts and all probes were tried.
        seconds: how long it took.
        tried: how many things, by kind.
        findings: what was not as it should be, a line for each.
    """

    when: str
    whole: bool
    seconds: float
    tried: dict[str, int]
    findings: tuple[str, ...] = ()


def read_verified(places: Places) -> Verified | None:
    """Return the last verification; None if there was none that can be read."""
    try:
        content = json.loads((places.root / FILE).read_text(encoding="utf-8"))
        if content.pop("format") != FORMAT:
            return None
        return Verified(**{**content, "findings": tuple(content["findings"])})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # It tells of the past and decides nothing: the next one takes its place.
        return None


def write_verified(places: Places, verified: Verified) -> None:
    """Keep what a verification found."""
    content = {"format": FORMAT, **dataclasses.asdict(verified)}
    text = json.dumps(content, indent=1, ensure_ascii=False)
    write_private(places.root / FILE, text)
