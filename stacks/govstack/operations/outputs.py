"""Outputs: what the stacks of systems gave when they were last run."""

from govstack.operations.holding import reading
from govstack.operations.report import OutputsReport, SystemOutputsReport
from govstack.operations.select import with_upstream
from govstack.operations.session import open_session
from govstack.operations.target import Target
from govstack.state.records import read_records
from govstack.values.result import Result


def outputs(target: Target, system: str | None = None) -> Result[OutputsReport]:
    """Return the outputs of one system, or of all that were run.

    Raises:
        UnknownSelection: the site has no such system.
    """
    session = open_session(target)
    with reading(session):
        records = read_records(session.places)
    known = {stack.id: () for stack in session.plan.stacks} | dict.fromkeys(records, ())
    names = with_upstream((system,) if system else (), known)
    return Result(
        data=OutputsReport(
            systems=tuple(
                SystemOutputsReport(id=name, name=record.name, values=record.outputs)
                for name, record in records.items()
                if name in names
            )
        )
    )
