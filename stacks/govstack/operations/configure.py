"""Configure: makes hosts what the site says, by the roles of the collection; only what changed."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from govstack import sandbox
from govstack.configure.batches import batches_of
from govstack.configure.look import told_by
from govstack.configure.run import run_job
from govstack.errors import ConfigureFailed, UnknownSelection
from govstack.inventory.tables import role_table
from govstack.inventory.variables.model import HostRoles
from govstack.operations.holding import holding
from govstack.operations.host_plans import Ready, make_ready
from govstack.operations.host_runs import (
    UNREACHED,
    HostRuns,
    Setting,
    further,
    new_run_folder,
)
from govstack.operations.passing import passing_folder
from govstack.operations.report_configure import ConfiguredHost, ConfigureReport
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.operations.wish import Wish
from govstack.state.hosts import read_configured
from govstack.values.observer import Level, Note, Observer, Outcome, StepFinished, StepStarted
from govstack.values.result import Result
from govstack.values.suggestion import suggestion

REASON: Final = "configure"
ASKING: Final = "hosts"
WAYLESS: Final = "no flow of the site lets operators come to it"


def configure(target: Target, observer: Observer, wish: Wish) -> Result[ConfigureReport]:
    """Configure the hosts of an environment.

    Args:
        target: the site and environment.
        observer: told of progress.
        wish: which hosts, and how.

    Raises:
        UnknownSelection: there is no such system, host or role.
        InventoryStale: the records may not be true any more.
        Locked: another run holds the environment.
        SandboxFailed: the embedded cloud does not run, or has no hosts.
        TrustFailed: a certificate is past its day.
    """
    started = time.monotonic()
    session = _open(target, wish)
    with holding(session, observer, REASON), passing_folder() as private:
        ready = make_ready(session, wish)
        done = _run(session, observer, wish, ready, private)
    order = {host.host: place for place, host in enumerate(ready.chosen)}
    report = ConfigureReport(
        site=session.plan.site,
        name=session.plan.name,
        environment=session.plan.environment.name,
        seconds=time.monotonic() - started,
        check=wish.check,
        hosts=tuple(sorted(done.hosts, key=lambda host: order[host.name])),
        folder=done.folder,
        confirmed=done.confirmed,
    )
    code = ConfigureFailed.exit_code if report.failures else 0
    # Where nothing was run it has been said before.
    told = _notes(ready) if report.folder else ()
    return Result(data=report, exit_code=code, notes=(*session.notes, *told))


def has_hosts(session: Session) -> bool:
    """Tell whether the servers of an environment are hosts that govstack can come to."""
    return session.plan.environment.is_embedded and sandbox.has_hosts(session.places.sandbox)


def _open(target: Target, wish: Wish) -> Session:
    session = open_session(target)
    if not has_hosts(session):
        name = session.plan.environment.name
        raise UnknownSelection(
            f"the hosts of the environment {name!r} are not known to govstack",
            hint="only servers of an embedded cloud that are hosts are configured by this verb; "
            "govstack inventory --write makes files for an Ansible of your own",
        )
    systems = [system.id for system in session.plan.systems]
    hosts = [node.name for system in session.plan.systems for node in system.nodes]
    table = role_table()
    roles = [*table.every, *(each.role for each in table.further), *table.closing]
    for kind, wished, known in (
        ("system", wish.systems, systems),
        ("host", wish.hosts, hosts),
        ("role", wish.roles, roles),
    ):
        for name in wished:
            if name not in known:
                raise UnknownSelection(f"there is no {kind} {name!r}", hint=suggestion(name, known))
    return session


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    hosts: tuple[ConfiguredHost, ...]
    folder: str = ""
    confirmed: bool = True


def _run(session: Session, observer: Observer, wish: Wish, ready: Ready, private: Path) -> _Done:
    names = {system.id: system.name for system in session.plan.systems}
    hosts: list[ConfiguredHost] = []
    waiting: list[HostRoles] = []
    for host in _wanting(session, observer, wish, ready):
        if isinstance(host, HostRoles):
            waiting.append(host)
        else:
            hosts.append(replace(host, system_name=names[host.system]))
    if not waiting:
        return _Done(hosts=tuple(hosts))
    if wish.agree and not wish.agree(tuple(host.host for host in waiting)):
        return _Done(hosts=tuple(hosts), confirmed=False)
    ready.roles.link(private / "collections")
    setting = Setting(
        places=session.places,
        inventory=ready.inventory,
        names=names,
        digests=ready.digests,
        roles=ready.roles,
        private=private,
        folder=new_run_folder(session.places),
        check=wish.check,
        diff=wish.diff,
        fast=wish.fast,
        remembers=not (wish.check or wish.roles),
    )
    runs = HostRuns(setting, observer, run_job)
    known = read_configured(session.places)
    serving = {host.system for host in ready.chosen if host.host in known}
    for batch in batches_of(waiting, role_table().serial, serving):
        hosts += runs.run(batch)
    return _Done(hosts=tuple(hosts), folder=str(setting.folder))


def _wanting(
    session: Session, observer: Observer, wish: Wish, ready: Ready
) -> Iterator[HostRoles | ConfiguredHost]:
    """Yield hosts that are to be run, and what is known already of the others."""
    known = {} if wish.everything or wish.roles else read_configured(session.places)
    same = [
        host.host
        for host in ready.chosen
        if host.host in known
        and known[host.host].digest == ready.digests[host.host]
        and host.host not in ready.unknown
    ]
    believed = {host: (ready.digests[host], "") for host in same}
    answers = _asked(observer, ready, same) if same and wish.asks else believed
    for host in ready.chosen:
        digest, why = answers.get(host.host, ("", ""))
        why = why or ready.unknown.get(host.host, "")
        if host.host in ready.wayless:
            yield replace(_unchanged(host), outcome=Outcome.SKIPPED, error=WAYLESS)
        elif why:
            yield _failed(host, why)
        elif not host.roles or digest == ready.digests[host.host]:
            yield _unchanged(host)
        else:
            yield host


def _asked(observer: Observer, ready: Ready, hosts: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    started = time.monotonic()
    observer.notify(StepStarted(ASKING, "asked whether they are as they were left"))
    answers = told_by(ready.configuration, hosts)
    bad = sum(bool(why) for _, why in answers.values())
    outcome = Outcome.FAILED if bad else Outcome.DONE
    detail = f"{len(hosts) - bad} of {len(hosts)} answer"
    observer.notify(StepFinished(ASKING, outcome, time.monotonic() - started, detail))
    return answers


def _unchanged(host: HostRoles) -> ConfiguredHost:
    return ConfiguredHost(
        name=host.host,
        system=host.system,
        system_name="",
        layer=host.layer,
        outcome=Outcome.UNCHANGED,
    )


def _failed(host: HostRoles, why: str) -> ConfiguredHost:
    return replace(
        _unchanged(host),
        outcome=Outcome.FAILED,
        task=UNREACHED,
        error=why,
        hint=further(host.host, None),
    )


def _notes(ready: Ready) -> Iterator[Note]:
    """Yield one note for each reason why hosts or roles are left out."""
    hosts = [host for host in ready.chosen if host.host not in ready.wayless]
    without = len(ready.chosen) - len(hosts)
    if without:
        yield Note(f"{_hosts(without)} left out: {WAYLESS}", Level.WARNING)
    left = Counter((role, why) for host in hosts for role, why in host.left.items())
    for (role, why), number in sorted(left.items()):
        yield Note(f"{role} is left out on {_hosts(number)}: {why}")


def _hosts(number: int) -> str:
    return "1 host" if number == 1 else f"{number} hosts"
