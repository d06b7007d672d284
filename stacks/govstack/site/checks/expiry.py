"""Is anything in force that was granted for a time that is over?"""

from collections.abc import Iterator
from datetime import date

from govstack.errors import Problem
from govstack.site.sources import Sources

HINT = "have it prolonged and write the new day, or remove it"


def check_expiry(sources: Sources, today: date) -> Iterator[Problem]:
    """Yield a problem for each flow and each system whose last day is before today."""
    for index, flow in enumerate(sources.site.declared.flows):
        if flow.expires and flow.expires < today:
            text = f"was granted until {flow.expires}"
            yield sources.site.problem(text, HINT, "flows", index, "expires")
    for part in sources.systems:
        expires = part.declared.expires
        if expires and expires < today:
            yield part.problem(f"was granted until {expires}", HINT, "expires")
