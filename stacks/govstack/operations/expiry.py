"""What was granted for a time, and is past it or nearly so."""

from collections.abc import Iterator
from datetime import date, timedelta

from govstack.site.model import Site
from govstack.values.observer import Level, Note


def expiry_notes(site: Site, today: date) -> tuple[Note, ...]:
    """Return a note for each flow, system and account that is past its day, or will be soon.

    Where the policy refuses what is past, the site was not even loaded.
    """
    return tuple(_notes(site, today))


def _notes(site: Site, today: date) -> Iterator[Note]:
    soon = today + timedelta(days=site.policy.notice_days)
    granted = [(f"the flow {flow.purpose!r}", flow.expires) for flow in site.flows]
    granted += [(f"the system {system.id}", system.expires) for system in site.systems]
    granted += [(f"the account {person.account}", person.expires) for person in site.people]
    for what, day in granted:
        if day and day < today:
            yield Note(f"{what} was granted until {day}", Level.WARNING)
        elif day and day <= soon:
            yield Note(f"{what} is granted until {day}")
