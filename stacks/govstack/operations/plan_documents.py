"""Views of a plan as documents: drawings, diagrams, tables; as text, or as a file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from govstack.operations.plan_report import WrittenReport
from govstack.reports.files import write_report
from govstack.reports.mermaid import topology_mermaid
from govstack.reports.svg import topology_svg
from govstack.reports.tables import addresses_csv, flows_csv, quota_csv
from govstack.values.result import Result

MAKERS: Final[Mapping[tuple[str, str], Callable[[Any], str]]] = {
    ("topology", "svg"): topology_svg,
    ("topology", "mermaid"): topology_mermaid,
    ("flows", "csv"): flows_csv,
    ("quota", "csv"): quota_csv,
    ("addresses", "csv"): addresses_csv,
}
"""What makes a document of a view's report, by view and form."""


def document(view: str, form: str, report: object) -> str:
    """Return the document of a view's report in one of its forms."""
    return MAKERS[view, form](report)


def write_document(path: Path, view: str, form: str, text: str) -> Result[WrittenReport]:
    """Write a document to a file, in the place of one that is there.

    Raises:
        ReportUnwritable: the path is a folder, or cannot be written to.
    """
    size = write_report(path, text)
    return Result(data=WrittenReport(path=str(path), view=view, form=form, size=size))
