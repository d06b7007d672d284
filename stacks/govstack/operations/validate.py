"""Validate: does the site describe a cloud?  Reads files only."""

from collections.abc import Iterator

from govstack.operations.report import ValidationReport
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.plan.addresses import addressing_of, stale_rows
from govstack.values.observer import Level, Note
from govstack.values.result import Result


def validate(target: Target) -> Result[ValidationReport]:
    """Load and plan the site, and count what it holds.

    Raises:
        SiteInvalid, SiteNotFound: the site does not describe a cloud.
        CapacityExceeded: a zone has no addresses left.
    """
    session = open_session(target)
    site, plan = session.site, session.plan
    report = ValidationReport(
        site=site.id,
        name=site.name,
        environment=site.environment.name,
        zones=len(site.zones),
        tenants=len(site.tenants),
        systems=len(site.systems),
        nodes=sum(len(system.nodes) for system in plan.systems),
        flows=len(site.flows),
    )
    return Result(data=report, notes=tuple(_notes(session)))


def _notes(session: Session) -> Iterator[Note]:
    yield from session.notes
    addressing = addressing_of(session.site)
    stale = stale_rows(session.site, addressing)
    if addressing.added:
        yield Note(
            f"{len(addressing.added)} addresses are provisional: govstack allocate keeps them",
            Level.WARNING,
        )
    if stale:
        yield Note(
            f"{len(stale)} lines of addresses.yaml belong to nothing in the site "
            f"(first: {stale[0]}); remove them once what they belonged to is gone"
        )
