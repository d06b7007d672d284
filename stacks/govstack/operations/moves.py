"""Systems that were renamed, or moved to another layer, since they were last run.

They are still the same: what is in the cloud is named by their first id.  Only the engine's stack
and the record have to follow.
"""

import dataclasses
from collections.abc import Mapping

from govstack.plan.model import StackPlan, SystemPlan
from govstack.state.records import Record


def by_present_id(records: Mapping[str, Record], plans: tuple[StackPlan, ...]) -> dict[str, Record]:
    """Return the records by the ids that their systems have now.

    A record itself still says under which id and in which layer the system was last run.
    """
    present = {plan.birth: plan.id for plan in plans if isinstance(plan, SystemPlan)}
    return {present.get(record.birth or name, name): record for name, record in records.items()}


def has_moved(plan: StackPlan, record: Record | None) -> bool:
    """Tell whether the system was last run under another id, or in another layer."""
    return record is not None and (record.system, record.layer) != (plan.id, plan.layer)


def after_move(plan: StackPlan, record: Record) -> Record:
    """Return the record as it is once the stack has followed."""
    return dataclasses.replace(record, system=plan.id, name=plan.name, layer=plan.layer)
