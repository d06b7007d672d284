"""Lock: shows, takes, gives back and breaks the lock of an environment."""

from datetime import UTC, datetime, timedelta

from govstack.operations.holding import lock_of, log_of
from govstack.operations.report_state import BreakReport, HolderReport, LockReport
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.state.holder import Holder
from govstack.values.result import Result


def show(target: Target) -> Result[LockReport]:
    """Tell who holds the environment, and which locks were broken."""
    return _report(open_session(target))


def take(target: Target, reason: str, hours: float | None) -> Result[LockReport]:
    """Hold the environment for the user until it is released; nobody else can change it.

    Args:
        target: the site and environment.
        reason: shown to others.
        hours: after how many it is released by itself; None without an end.

    Raises:
        Locked: someone else holds it.
    """
    session = open_session(target)
    until = datetime.now(UTC) + timedelta(hours=hours) if hours is not None else None
    lock_of(session).take(reason, until.isoformat(timespec="seconds") if until else "")
    return _report(session, "taken")


def release(target: Target) -> Result[LockReport]:
    """Give back what the user holds; it need not hold anything.

    Raises:
        Locked: someone else holds the environment.
    """
    session = open_session(target)
    found = lock_of(session).release()
    return _report(session, "released" if found else "")


def break_lock(target: Target, why: str) -> Result[LockReport]:
    """End whatever holds the environment, and write down who did it and why."""
    session = open_session(target)
    found = lock_of(session).break_up(why)
    return _report(session, "broken" if found else "")


def _report(session: Session, action: str = "") -> Result[LockReport]:
    log, plan = log_of(session), session.plan
    entry = log.read()
    people = None if entry.people is None or entry.people.is_over() else entry.people
    return Result(
        data=LockReport(
            site=plan.site,
            name=plan.name,
            environment=plan.environment.name,
            action=action,
            people=_holder(people),
            run=_holder(entry.run),
            breaks=tuple(
                BreakReport(by=each.by, when=each.when, why=each.why, broken=each.broken)
                for each in log.breaks()
            ),
        )
    )


def _holder(holder: Holder | None) -> HolderReport | None:
    if holder is None:
        return None
    process = holder.process
    return HolderReport(
        person=holder.person,
        reason=holder.reason,
        since=holder.since,
        expires=holder.expires,
        pid=process.pid if process else 0,
        life=process.life().value if process else "",
    )
