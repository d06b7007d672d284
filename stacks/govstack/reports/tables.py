"""Tables for spreadsheets: CSV that they open with the right characters and run nothing of."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from govstack.plan.views.holdings import Holdings
from govstack.plan.views.matrix import FlowMatrix
from govstack.plan.views.needs import Need, Needs

BOM: Final = "\ufeff"
"""Tells spreadsheets that the file is UTF-8."""

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet would calculate."""

FLOW_HEAD: Final = (
    "source",
    "source_zone",
    "destination",
    "destination_zone",
    "ports",
    "mechanism",
    "purpose",
    "ticket",
    "expires",
    "basis",
    "asked_by",
)
NEED_HEAD: Final = ("instances", "cores", "ram_mb", "volumes", "gigabytes", "floating_ips")
CEILING_HEAD: Final = (
    "ceiling_cores",
    "ceiling_ram_gb",
    "ceiling_storage_gb",
    "ceiling_floating_ips",
)
ADDRESS_HEAD: Final = (
    "routing_domain",
    "zone",
    "subnet",
    "system",
    "address",
    "holder",
    "holds",
    "provisional",
)

Cell = str | int | bool


def flows_csv(matrix: FlowMatrix) -> str:
    """Return every path, one a row."""
    rows = (
        (
            path.source,
            path.source_zone,
            path.destination,
            path.destination_zone,
            " ".join(path.ports),
            path.mechanism.value,
            path.purpose,
            path.ticket,
            path.expires,
            path.basis.value,
            path.asked_by,
        )
        for path in matrix.paths
    )
    return _csv(FLOW_HEAD, rows)


def quota_csv(needs: Needs) -> str:
    """Return what systems need, then what departments need, with their ceilings."""
    none: tuple[Cell, ...] = ("",) * (len(CEILING_HEAD) + 1)
    systems = (
        ("system", each.id, each.name, each.tenant, *_need(each.need), *none)
        for each in needs.systems
    )
    tenants = (
        (
            "tenant",
            each.id,
            each.name,
            each.name,
            *_need(each.need),
            each.ceiling.cores or "",
            each.ceiling.ram_gb or "",
            each.ceiling.storage_gb or "",
            each.ceiling.floating_ips or "",
            " ".join(each.above),
        )
        for each in needs.tenants
    )
    head = ("of", "id", "name", "tenant", *NEED_HEAD, *CEILING_HEAD, "above")
    return _csv(head, (*systems, *tenants))


def addresses_csv(holdings: Holdings) -> str:
    """Return every address, one a row."""
    rows = (
        (
            row.domain,
            row.zone,
            row.subnet,
            row.system,
            row.address,
            row.holder,
            row.holds.value,
            row.provisional,
        )
        for row in holdings.rows
    )
    return _csv(ADDRESS_HEAD, rows)


def _need(need: Need) -> tuple[int, ...]:
    return (
        need.instances,
        need.cores,
        need.ram_mb,
        need.volumes,
        need.gigabytes,
        need.floating_ips,
    )


def _csv(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    text = io.StringIO()
    text.write(BOM)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_guarded(cell) for cell in row] for row in rows)
    return text.getvalue()


def _guarded(cell: Cell) -> str:
    """Return a cell as text that no spreadsheet takes for a formula."""
    if isinstance(cell, bool):
        return "yes" if cell else ""
    words = str(cell)
    return f"'{words}" if words.startswith(FORMULA_SIGNS) else words
