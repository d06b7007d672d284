"""One run over an environment: what `preview`, `up` and `down` have in common."""

import dataclasses
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from govstack.engine.job import StackResult
from govstack.errors import EngineFailed
from govstack.layers.outputs import UNKNOWN, Outputs, SystemOutputs
from govstack.operations.access import client_of, open_access
from govstack.operations.before import projects_of
from govstack.operations.births import birth_notes
from govstack.operations.context import Context
from govstack.operations.moves import by_present_id
from govstack.operations.report import NodeReport, RunReport, SystemReport
from govstack.operations.session import Session
from govstack.operations.telling import outcome_of
from govstack.plan.model import ProjectPlan, StackPlan, SystemPlan
from govstack.state.records import Record, read_records
from govstack.values.observer import Observer
from govstack.values.result import Result

Confirm = Callable[[RunReport], bool]
"""Shown what would happen; returns whether to go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that has begun, and the records as they were then."""

    session: Session
    observer: Observer
    records: Mapping[str, Record]
    everything: bool
    started: float

    def from_now(self) -> "Run":
        """Return the run with its time counted anew: what the user took to think is not its own."""
        return dataclasses.replace(self, started=time.monotonic())

    @property
    def before(self) -> tuple[ProjectPlan, ...]:
        """Return the projects that are there already."""
        return projects_of(self.records)

    @property
    def removed(self) -> dict[str, Record]:
        """Return the records of systems that the site no longer has."""
        present = {plan.id for plan in self.session.plan.stacks}
        return {name: record for name, record in self.records.items() if name not in present}


def begin(session: Session, observer: Observer, *, everything: bool = False) -> Run:
    """Read the records; no cloud is asked yet."""
    return Run(
        session=session,
        observer=observer,
        records=by_present_id(read_records(session.places), session.plan.stacks),
        everything=everything,
        started=time.monotonic(),
    )


def open_cloud(run: Run) -> Context:
    """Open the way to the cloud for all projects of now and of before."""
    planned = {project.birth: project for project in run.session.plan.platform.projects}
    known = {project.birth: project for project in run.before} | planned
    return Context(
        session=run.session,
        observer=run.observer,
        records=run.records,
        passwords=open_access(run.session, tuple(known.values()), run.observer),
        everything=run.everything,
    )


def report(
    run: Run, verb: str, results: Mapping[str, StackResult], *, confirmed: bool = True
) -> RunReport:
    """Tell what the run did, systems in the plan's order, removed ones last."""
    plan = run.session.plan
    planned = {stack.id: stack for stack in plan.stacks}
    order = [name for name in planned if name in results]
    order += sorted(name for name in results if name not in planned)
    return RunReport(
        verb=verb,
        site=plan.site,
        name=plan.name,
        environment=plan.environment.name,
        seconds=time.monotonic() - run.started,
        systems=tuple(_system(run, planned.get(name), results[name]) for name in order),
        clouds=str(run.session.places.clouds),
        client=client_of(run.session),
        confirmed=confirmed,
    )


def finished(run: Run, data: RunReport) -> Result[RunReport]:
    """Return the report with the exit code that it means, and what else there is to say."""
    code = EngineFailed.exit_code if data.failures else 0
    notes = (*run.session.notes, *birth_notes(run.session.plan, run.records))
    return Result(data=data, exit_code=code, notes=notes)


def nodes_of(plan: StackPlan, outputs: Outputs | None) -> tuple[NodeReport, ...]:
    """Return a system's nodes as planned, with the floating IPs that its stack gave."""
    if not isinstance(plan, SystemPlan):
        return ()
    floating = SystemOutputs.parse(outputs).floating_ips if outputs else {}
    return tuple(
        NodeReport(
            name=node.name,
            role=node.role,
            zone=node.zone,
            address=str(node.address),
            floating_ip=_known(floating.get(node.name, "")),
            machine=node.machine.label if node.machine else "",
        )
        for node in plan.nodes
    )


def merged(first: StackResult | None, second: StackResult) -> StackResult:
    """Return two runs of one stack as one."""
    if first is None:
        return second
    return dataclasses.replace(
        second,
        seconds=first.seconds + second.seconds,
        changes=first.changes + second.changes,
        unchanged=first.unchanged and second.unchanged,
    )


def _system(run: Run, plan: StackPlan | None, result: StackResult) -> SystemReport:
    subject = plan or run.records[result.system]
    return SystemReport(
        id=result.system,
        name=subject.name,
        layer=subject.layer,
        outcome=outcome_of(result),
        seconds=result.seconds,
        changes=result.changes,
        nodes=nodes_of(plan, result.outputs) if plan else (),
        resources=result.resources,
        error=result.error,
        hint=result.hint,
    )


def _known(value: str) -> str:
    return "" if value == UNKNOWN else value
