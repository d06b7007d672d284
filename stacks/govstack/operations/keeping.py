"""The record of a stack: before it is touched, and after its run has succeeded."""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime

from govstack.engine.job import StackResult
from govstack.operations.before import holds_of, used_by_both, uses_of
from govstack.operations.fingerprint import Fingerprint
from govstack.plan.model import PlatformPlan, StackPlan
from govstack.state.records import Record
from govstack.values.digest import plain


def begun(plan: StackPlan, record: Record | None) -> Record:
    """Return the record of a system that is about to be touched; what it last gave is kept."""
    fresh = Record(
        system=plan.id,
        name=plan.name,
        layer=plan.layer,
        upstream=plan.upstream,
        project=_project(plan),
        birth="" if isinstance(plan, PlatformPlan) else plan.birth,
        uses=uses_of(plan),
        holds=holds_of(plan),
    )
    if record is None:
        return fresh
    return dataclasses.replace(
        fresh,
        outputs=record.outputs,
        resources=record.resources,
        updated=record.updated,
        uses=used_by_both(record.uses, fresh.uses),
        born=record.born,
    )


def after_run(plan: StackPlan, result: StackResult, made: Fingerprint) -> Record:
    """Return the record of a system whose run has succeeded."""
    return dataclasses.replace(
        begun(plan, None),
        finished=True,
        inputs=made.total,
        parts=made.parts,
        outputs=result.outputs or {},
        resources=result.resources,
        updated=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _project(plan: StackPlan) -> Mapping[str, object]:
    if isinstance(plan, PlatformPlan):
        return {}
    project = plain(plan.project)
    return project if isinstance(project, Mapping) else {}
