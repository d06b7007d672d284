"""Why: what is different about a system since it was last run; no cloud is asked."""

from govstack.errors import UnknownSelection
from govstack.operations.decide import standings
from govstack.operations.moves import by_present_id
from govstack.operations.reports_effect import SystemReason, WhyReport
from govstack.operations.session import open_session
from govstack.operations.target import Target
from govstack.state.records import read_records
from govstack.values.result import Result
from govstack.values.suggestion import suggestion


def why(target: Target, system: str = "") -> Result[WhyReport]:
    """Tell what `up` has to do with a system, or with all that have changed.

    Args:
        target: the site and environment.
        system: its id; empty for all.

    Raises:
        UnknownSelection: the site has no such system.
    """
    session = open_session(target)
    plan = session.plan
    ids = [stack.id for stack in plan.stacks]
    if system and system not in ids:
        raise UnknownSelection(f"there is no system {system!r}", hint=suggestion(system, ids))
    chosen = tuple(stack for stack in plan.stacks if system in {"", stack.id})
    records = by_present_id(read_records(session.places), plan.stacks)
    reasons = tuple(
        SystemReason(
            id=stack.id,
            name=stack.name,
            layer=stack.layer,
            stand=stands.stand,
            parts=stands.parts,
            updated=records[stack.id].updated if stack.id in records else "",
        )
        for stack, stands in standings(session, records, chosen)
        if system or not stands.is_unchanged
    )
    return Result(
        data=WhyReport(
            site=plan.site,
            name=plan.name,
            environment=plan.environment.name,
            systems=reasons,
            unchanged=len(chosen) - len(reasons),
        )
    )
