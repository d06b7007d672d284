"""Verify: asks the hosts themselves whether what the site says is so.

Tried are the paths between them, from inside: what the flows open must be open, on packets, and
all else closed.  And what their roles are to do is tried by the probes that come with the roles.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path as File
from typing import Final

from govstack.errors import ProbeFailed, UnknownSelection
from govstack.inventory.model import Host, Inventory
from govstack.inventory.tables import family_table
from govstack.operations.holding import holding, reading
from govstack.operations.inventory import inventory_of
from govstack.operations.probing import Hosts, Tried, try_all
from govstack.operations.proving import Proof, check_names, proof_of, wished_of
from govstack.operations.session import Session
from govstack.operations.ssh import enterable_session, prepare
from govstack.operations.target import Target
from govstack.operations.trusting import moment
from govstack.operations.verify_paths import PATHS, try_paths
from govstack.operations.verify_report import FOUND_EXIT, Finding, VerifyReport
from govstack.operations.verify_wish import VerifyWish
from govstack.plan.paths import Path, paths
from govstack.state.verified import Verified, write_verified
from govstack.values.observer import Observer, Outcome, StepFinished, StepStarted
from govstack.values.result import Result
from govstack.values.suggestion import suggestion
from govstack.verify.conversation import Asking, Conversation

PROBES: Final = "probes"
LOGIN: Final = "login"
SERVICES: Final = "services"
REASON: Final = "verify --disturb"

Speak = Callable[[File, str, str], Asking]
"""Begins to speak with a host: ssh's configuration, its name, its own Python."""


def verify(
    target: Target,
    observer: Observer,
    wish: VerifyWish,
    *,
    speak: Speak = Conversation,
) -> Result[VerifyReport]:
    """Try from inside the hosts whether paths are as the site says, and services do their work.

    Args:
        target: the site and environment.
        observer: told of each host.
        wish: what is to be verified.
        speak: begins to speak with a host.

    Raises:
        UnknownSelection: there is no such system, host or probe.
        InventoryStale: the cloud may not be what the site says, so nothing can be expected of it.
        SandboxFailed: the embedded cloud does not run, or has no hosts.
        TrustFailed: a certificate of a configured host is missing or past its day.
        Locked: another run holds the environment, and something is to be disturbed.
    """
    started = time.monotonic()
    check_names(wish.probes)
    session = enterable_session(target)
    inventory = inventory_of(session, "", allow_stale=False)
    chosen = _chosen(session, inventory.data.hosts, wish)
    with _at_hand(session, observer, wish):
        run = _run(session, inventory.data, chosen, wish)
        speaking = Hosts(lambda host: _begin(run, host, speak))
        try:
            _ask_paths(run, speaking, observer)
            tried = _ask_services(run, speaking, observer)
        finally:
            speaking.close()
    report = _report(session, run, tried, speaking, time.monotonic() - started)
    _keep(session, wish, report)
    return Result(
        data=report, exit_code=FOUND_EXIT if report.findings else 0, notes=inventory.notes
    )


@contextmanager
def _at_hand(session: Session, observer: Observer, wish: VerifyWish) -> Iterator[None]:
    """Have the state at hand; nobody else changes the environment while we disturb it."""
    if wish.disturb:
        with holding(session, observer, REASON):
            yield
    else:
        with reading(session, observer):
            yield


@dataclass(slots=True)
class _Run:
    """What is tried in one verification, and what was found so far."""

    hosts: Sequence[Host]
    unreachable: tuple[str, ...]
    families: Mapping[str, str]
    configuration: File
    unknown: Mapping[str, str]
    expected: Mapping[str, Sequence[Path]]
    proof: Proof
    tried: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def _run(
    session: Session,
    inventory: Inventory,
    chosen: Sequence[Host],
    wish: VerifyWish,
) -> _Run:
    names = {host.name for host in chosen}
    proof = proof_of(session, inventory, wished_of(wish.probes, disturbing=wish.disturb))
    trials = tuple(one for one in proof.trials if {one.host, one.server} & names)
    proof = replace(
        proof, trials=trials, unconfigured=tuple(n for n in proof.unconfigured if n in names)
    )
    asked = [host for host in chosen if host.is_reachable]
    needed = {host.name for host in asked} | {s.host for one in trials for s in one.steps}
    ways = {via for host in inventory.hosts if host.name in needed for via in host.way}
    configuration, unknown = prepare(session, sorted(needed | ways))
    expected: defaultdict[str, list[Path]] = defaultdict(list)
    for path in () if wish.probes else paths(session.site, session.plan):
        expected[path.source].append(path)
    return _Run(
        hosts=asked,
        unreachable=tuple(host.name for host in chosen if not host.is_reachable),
        families={host.name: host.family for host in inventory.hosts},
        configuration=configuration,
        unknown=unknown,
        expected=expected,
        proof=proof,
    )


def _begin(run: _Run, host: str, speak: Speak) -> Asking:
    if host in run.unknown:
        raise ProbeFailed(f"{host} could not be asked: {run.unknown[host]}")
    interpreter = family_table().families[run.families[host]].interpreter
    return speak(run.configuration, host, interpreter)


def _ask_paths(run: _Run, speaking: Hosts, observer: Observer) -> None:
    if run.expected:
        names = [host.name for host in run.hosts]
        run.tried[PATHS], found = try_paths(speaking, names, run.expected, observer)
        run.findings += found


def _ask_services(run: _Run, speaking: Hosts, observer: Observer) -> Tried:
    trials = run.proof.trials
    if not trials:
        return Tried()
    started = time.monotonic()
    observer.notify(StepStarted(SERVICES, "what the hosts do for each other"))
    tried = try_all(speaking, trials, observer)
    run.tried[PROBES] = len(tried.reports)
    outcome = Outcome.FAILED if tried.findings else Outcome.DONE
    detail = f"{len(tried.findings)} of {len(tried.reports)} probes" if tried.findings else ""
    observer.notify(StepFinished(SERVICES, outcome, time.monotonic() - started, detail))
    return tried


def _report(
    session: Session, run: _Run, tried: Tried, speaking: Hosts, seconds: float
) -> VerifyReport:
    silent = [_unanswered(host, why) for host, why in sorted(speaking.silent.items())]
    return VerifyReport(
        site=session.plan.site,
        name=session.plan.name,
        environment=session.plan.environment.name,
        seconds=seconds,
        hosts=len(run.hosts),
        tried=run.tried,
        findings=(*silent, *run.findings, *tried.findings),
        unasked=run.unreachable,
        unconfigured=run.proof.unconfigured,
        omitted=run.proof.omitted,
        probes=tuple(tried.reports),
        untried=tuple(tried.untried),
    )


def _keep(session: Session, wish: VerifyWish, report: VerifyReport) -> None:
    lines = (
        f"{one.probe}: from {one.host} to {one.subject}: expected {one.expected}, seen: {one.seen}"
        for one in report.findings
    )
    verified = Verified(
        when=moment().isoformat(timespec="seconds"),
        whole=wish.is_whole,
        seconds=round(report.seconds, 1),
        tried=dict(report.tried),
        findings=tuple(lines),
    )
    write_verified(session.places, verified)


def _chosen(session: Session, known: Sequence[Host], wish: VerifyWish) -> Sequence[Host]:
    systems = {node.name: system.id for system in session.plan.systems for node in system.nodes}
    for kind, wished, names in (
        ("system", wish.systems, [system.id for system in session.plan.systems]),
        ("host", wish.hosts, [host.name for host in known]),
    ):
        for name in wished:
            if name not in names:
                raise UnknownSelection(f"there is no {kind} {name!r}", hint=suggestion(name, names))
    return [
        host
        for host in known
        if (not wish.systems or systems[host.name] in wish.systems)
        and (not wish.hosts or host.name in wish.hosts)
    ]


def _unanswered(host: str, why: str) -> Finding:
    return Finding(
        probe=LOGIN,
        host=host,
        subject=host,
        expected="a login",
        seen=why,
        hint=f"try it by hand: govstack ssh {host}",
    )
