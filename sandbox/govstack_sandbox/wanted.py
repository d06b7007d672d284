"""What optional services are wanted; the toolkit writes it, in ``govstack.sandbox.wanted``."""

import json
from dataclasses import dataclass
from pathlib import Path

from govstack_sandbox.layout import Layout


@dataclass(frozen=True, slots=True)
class Wanted:
    """The last request.

    Attributes:
        request: its number, which the report repeats once it is heeded.
        services: all that was ever asked for.
        template: where their databases come from.
    """

    request: int = 0
    services: tuple[str, ...] = ()
    template: Path = Path()


def read_wanted(layout: Layout) -> Wanted:
    """Return the last request, an empty one if there never was any."""
    try:
        document = json.loads(layout.wanted.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Wanted()
    return Wanted(int(document["request"]), tuple(document["services"]), Path(document["template"]))
