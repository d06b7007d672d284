"""What the records say of the hosts of an environment, and why that may not be so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from govstack.inventory.model import Known
from govstack.layers.outputs import UNKNOWN, SystemOutputs
from govstack.operations.decide import standings
from govstack.operations.session import Session
from govstack.operations.standing import Stand, Standing
from govstack.plan.model import SystemPlan
from govstack.state.records import Record

REASONS: Final = {
    Stand.NEVER_RUN: "was never run",
    Stand.UNFINISHED: "has a last run that did not end well",
    Stand.MOVED: "was renamed, or moved to another layer, since its last run",
    Stand.CHANGED: "is declared otherwise than at its last run",
    Stand.TOUCHED: "has a state that its last run did not leave",
}


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known, by system, and one sentence for each reason to doubt it."""

    known: Mapping[str, Known]
    doubts: tuple[str, ...]


def knowledge(session: Session, records: Mapping[str, Record], subject: str) -> Knowledge:
    """Return what is known of the hosts of a system, of one host, or of all if it is empty.

    Systems without nodes are not asked.  Another govstack than that of the last run is no reason
    for doubt: the hosts are the same.
    """
    chosen = [system for system in session.plan.systems if _is_about(system, subject)]
    known: dict[str, Known] = {}
    doubts: list[str] = []
    for stack, stands in standings(session, records, chosen):
        record = records.get(stack.id)
        known[stack.id] = fact = _known(stack.id, record, stands)
        if isinstance(stack, SystemPlan):
            doubts += _doubts(stack, stands, fact)
    if not subject:
        doubts += _removed(session, records)
    return Knowledge(known, tuple(doubts))


def _is_about(system: SystemPlan, subject: str) -> bool:
    names = [node.name for node in system.nodes]
    return bool(names) and (subject in {"", system.id} or subject in names)


def _known(system: str, record: Record | None, stands: Standing) -> Known:
    standing = stands.stand if _is_doubtful(stands) else Stand.UNCHANGED
    if record is None:
        return Known(system=system, standing=standing.value)
    outputs = SystemOutputs.parse(record.outputs) if record.outputs else None
    return Known(
        system=record.system,
        standing=standing.value,
        updated=record.updated,
        inputs=record.inputs,
        checkpoint=record.checkpoint,
        nodes=_given(outputs.nodes) if outputs else {},
        floating_ips=_given(outputs.floating_ips) if outputs else {},
    )


def _given(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value != UNKNOWN}


def _is_doubtful(stands: Standing) -> bool:
    return stands.has_site_changes or stands.stand is Stand.TOUCHED


def _doubts(system: SystemPlan, stands: Standing, known: Known) -> Iterator[str]:
    if _is_doubtful(stands):
        parts = f" ({', '.join(stands.parts)})" if stands.parts else ""
        yield f"{system.id} {REASONS[stands.stand]}{parts}"
        return
    missing = [node.name for node in system.nodes if node.name not in known.nodes]
    if missing:
        yield f"{system.id} has a record that knows no server {missing[0]}"


def _removed(session: Session, records: Mapping[str, Record]) -> Iterator[str]:
    planned = {stack.id for stack in session.plan.stacks}
    for name, record in sorted(records.items()):
        if name not in planned and record.outputs.get("nodes"):
            yield f"{name} is in the site no more, but its hosts are still there"
