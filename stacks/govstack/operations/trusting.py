"""The site's authorities as verbs use them: made by the first that needs them, at its time."""

from datetime import UTC, datetime

from govstack.operations.session import Session
from govstack.state.authority import authority_line, ensure_authority
from govstack.trust.terms import TERMS


def moment() -> datetime:
    """Return what time it is."""
    return datetime.now(UTC)


def make_trust(session: Session) -> None:
    """Make the site's authorities, unless they are there.

    Raises:
        StateUnreadable: what is there cannot be read.
    """
    ensure_authority(session.places, session.plan.name, moment(), TERMS)


def trusted_line(session: Session) -> str:
    """Return the public key of the SSH authority, which servers are born with.

    Raises:
        StateUnreadable: there is none, and none can be made.
    """
    make_trust(session)
    return authority_line(session.places)
