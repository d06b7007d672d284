"""Faults: what calls to the embedded cloud are to meet, to see how a run gets over it."""

from govstack import sandbox
from govstack.operations.faults_report import FaultReport, FaultsReport
from govstack.operations.sandbox import embedded_session
from govstack.operations.session import Session
from govstack.operations.target import Target
from govstack.sandbox import faults as cloud
from govstack.state.lock import held
from govstack.values.result import Result


def show(target: Target) -> Result[FaultsReport]:
    """Tell what calls to the embedded cloud meet, and how often they have."""
    return _report(embedded_session(target))


def set_to(target: Target, faults: tuple[str, ...], seed: int) -> Result[FaultsReport]:
    """Have calls meet these faults and no others.

    Raises:
        FaultRefused: one of them is none.
        SandboxFailed: there is no embedded cloud.
    """
    parsed = tuple(each for text in faults for each in cloud.parse(text))
    session = embedded_session(target)
    with held(session.places.lock, "sandbox faults"):
        cloud.set_faults(session.places.sandbox, parsed, seed)
    return _report(session, "set")


def clear(target: Target) -> Result[FaultsReport]:
    """Have calls meet no faults any more."""
    session = embedded_session(target)
    with held(session.places.lock, "sandbox faults"):
        cloud.set_faults(session.places.sandbox, (), 0)
    return _report(session, "cleared")


def _report(session: Session, action: str = "") -> Result[FaultsReport]:
    found = cloud.read_faults(session.places.sandbox)
    struck = found.struck or (0,) * len(found.faults)
    return Result(
        data=FaultsReport(
            site=session.plan.site,
            environment=session.plan.environment.name,
            cloud=sandbox.status(session.places.sandbox).state.value,
            seed=found.seed,
            calls=found.calls,
            faults=tuple(
                FaultReport(fault=str(fault), struck=count)
                for fault, count in zip(found.faults, struck, strict=True)
            ),
            action=action,
        )
    )
