"""Allocate: gives addresses to whatever has none, and writes them into the site's address book."""

from govstack.operations.report import Allocation, AllocationReport
from govstack.operations.session import open_session
from govstack.operations.target import Target
from govstack.plan.addresses import addressing_of
from govstack.site.addressbook import render_addresses, write_addresses
from govstack.site.book import parse_place
from govstack.values.result import Result


def allocate(target: Target, *, write: bool = True) -> Result[AllocationReport]:
    """Add the missing rows to the address book; rows that are there stay as they are.

    Args:
        target: the site and environment.
        write: False only tells what would be added.

    Raises:
        CapacityExceeded: a zone has no addresses left.
    """
    site = open_session(target).site
    path = site.address_file
    kept = {parse_place(key): holder for key, holder in site.addresses}
    added = addressing_of(site).added
    if write and added:
        write_addresses(path, render_addresses({**kept, **added}))
    return Result(
        data=AllocationReport(
            site=site.id,
            path=str(path),
            added=tuple(
                Allocation(place=str(place), holder=added[place]) for place in sorted(added)
            ),
            kept=len(kept),
            written=write and bool(added),
        )
    )
