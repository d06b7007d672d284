"""Status: the environment as last recorded, without asking the cloud."""

from govstack import sandbox
from govstack.operations.access import client_of
from govstack.operations.births import birth_notes
from govstack.operations.holding import reading
from govstack.operations.moves import by_present_id
from govstack.operations.report import State, StatusReport, SystemStatus
from govstack.operations.run import nodes_of
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.operations.verify_report import LastVerification
from govstack.plan.model import StackPlan
from govstack.state.records import Record, read_records
from govstack.state.verified import read_verified
from govstack.values.result import Result


def status(target: Target) -> Result[StatusReport]:
    """Tell of each system whether it is up, and with which nodes and addresses."""
    session = open_session(target)
    plan = session.plan
    with reading(session):
        records = by_present_id(read_records(session.places), plan.stacks)
    planned = {stack.id for stack in plan.stacks}
    systems = [_planned(stack, records.get(stack.id)) for stack in plan.stacks]
    systems += [_removed(record) for name, record in records.items() if name not in planned]
    return Result(
        data=StatusReport(
            site=plan.site,
            name=plan.name,
            environment=plan.environment.name,
            cloud=_cloud(session),
            clouds=str(session.places.clouds),
            client=client_of(session),
            systems=tuple(systems),
            verified=_verified(session),
        ),
        notes=birth_notes(plan, records),
    )


def _planned(plan: StackPlan, record: Record | None) -> SystemStatus:
    return SystemStatus(
        id=plan.id,
        name=plan.name,
        layer=plan.layer,
        state=_state(record),
        nodes=nodes_of(plan, record.outputs if record else None),
        resources=record.resources if record else 0,
        updated=record.updated if record else "",
    )


def _state(record: Record | None) -> State:
    if record is None:
        return State.ABSENT
    return State.UP if record.finished else State.PENDING


def _removed(record: Record) -> SystemStatus:
    return SystemStatus(
        id=record.system,
        name=record.name,
        layer=record.layer,
        state=State.REMOVED,
        nodes=(),
        resources=record.resources,
        updated=record.updated,
    )


def _verified(session: Session) -> LastVerification | None:
    last = read_verified(session.places)
    if last is None:
        return None
    return LastVerification(
        when=last.when, whole=last.whole, tried=last.tried, findings=len(last.findings)
    )


def _cloud(session: Session) -> str:
    environment = session.plan.environment
    if not environment.is_embedded:
        return environment.cloud
    return f"embedded cloud, {sandbox.status(session.places.sandbox).state}"
