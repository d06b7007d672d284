"""Doctor: every prerequisite, what was found, and how to mend what is missing."""

from collections.abc import Iterator
from pathlib import Path

from govstack.clouds.check import check_cloud
from govstack.engine.toolchain import probe_toolchain
from govstack.errors import GovstackError, SiteInvalid, ToolchainUnfit
from govstack.operations import machine
from govstack.operations.access import open_access
from govstack.operations.report_machine import Check, DoctorReport, Verdict
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.values.observer import Observer
from govstack.values.result import Result


def doctor(
    target: Target | None, observer: Observer, *, cache_home: Path, state_home: Path
) -> Result[DoctorReport]:
    """Check this machine and, if a site is named, the site and its cloud.

    Nothing is installed, started or changed; the exit code tells whether something must be mended.
    """
    checks = (*_machine(cache_home, state_home), *(_site(target, observer) if target else ()))
    failed = any(check.verdict is Verdict.FAILED for check in checks)
    return Result(
        data=DoctorReport(checks=checks), exit_code=ToolchainUnfit.exit_code if failed else 0
    )


def _machine(cache_home: Path, state_home: Path) -> Iterator[Check]:
    yield machine.python()
    yield machine.environments()
    yield machine.encoding()
    yield machine.memory()
    yield machine.disk(cache_home)
    yield machine.state(state_home)
    yield from (machine.program(finding) for finding in probe_toolchain(cache_home))
    yield machine.embedded_cloud(cache_home)


def _site(target: Target, observer: Observer) -> Iterator[Check]:
    try:
        session = open_session(target)
    except GovstackError as error:
        first = str(error.problems[0]) if isinstance(error, SiteInvalid) else str(error)
        yield Check(
            name="Site",
            verdict=Verdict.FAILED,
            found=first,
            purpose="describes the cloud",
            mend="govstack validate names every problem",
        )
        return
    plan = session.plan
    nodes = sum(len(system.nodes) for system in plan.systems)
    yield Check(
        name="Site",
        verdict=Verdict.OK,
        found=f"{plan.site} {plan.name}: {len(plan.systems)} systems, {nodes} nodes",
        purpose="describes the cloud",
    )
    if not plan.environment.is_embedded:
        yield _cloud(session, observer)


def _cloud(session: Session, observer: Observer) -> Check:
    found, mend = f"{session.plan.environment.cloud} answers and has what the site names", ""
    try:
        open_access(session, session.plan.platform.projects, observer)
        check_cloud(session.places.clouds, session.plan)
    except GovstackError as error:
        found, mend = str(error), error.hint
    return Check(
        name="Cloud",
        verdict=Verdict.FAILED if mend else Verdict.OK,
        found=found,
        purpose="carries the site",
        mend=mend,
    )
