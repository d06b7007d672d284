"""Verify: asks the hosts themselves whether what the site says is so.

Tried are the paths between them, from inside: what the flows open must be open, on packets, and
all else closed.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path as File
from typing import Final

from govstack.errors import ProbeFailed, UnknownSelection
from govstack.inventory.model import Host
from govstack.inventory.tables import family_table
from govstack.operations.holding import reading
from govstack.operations.inventory import inventory_of
from govstack.operations.ssh import enterable_session, prepare
from govstack.operations.target import Target
from govstack.operations.verify_report import FOUND_EXIT, Finding, VerifyReport
from govstack.plan.paths import Path, paths
from govstack.values.observer import Observer, Outcome, StepFinished, StepStarted
from govstack.values.result import Result
from govstack.values.suggestion import suggestion
from govstack.verify.connect import Answer, Asked, try_connections

PATHS: Final = "paths"
LOGIN: Final = "login"
AT_ONCE: Final = 6
"""Hosts asked at the same time; a bastion turns new ones away from ten on."""

Found = tuple[int, tuple[Finding, ...]]
"""How many things were tried from a host, and what was found."""


def verify(
    target: Target, observer: Observer, *, hosts: tuple[str, ...] = (), program: tuple[str, ...]
) -> Result[VerifyReport]:
    """Try from inside the hosts whether the site's paths are open, and all else closed.

    Args:
        target: the site and environment.
        observer: told of each host.
        hosts: from which ones; all if empty.
        program: govstack's own command line, up to its verb; ssh connects with it.

    Raises:
        UnknownSelection: there is no such host.
        InventoryStale: the cloud may not be what the site says, so nothing can be expected of it.
        SandboxFailed: the embedded cloud does not run, or has no hosts.
    """
    started = time.monotonic()
    session = enterable_session(target)
    inventory = inventory_of(session, "", allow_stale=False)
    chosen = _chosen(inventory.data.hosts, hosts)
    asked = [host for host in chosen if host.is_reachable]
    with reading(session):
        names = {name for host in asked for name in (*host.way, host.name)}
        configuration, unknown = prepare(session, program, names)
    expected: defaultdict[str, list[Path]] = defaultdict(list)
    for path in paths(session.site, session.plan):
        expected[path.source].append(path)
    ask = _Ask(observer, configuration, expected, unknown)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, asked))
    findings = tuple(finding for _, found in answers for finding in found)
    report = VerifyReport(
        site=session.plan.site,
        name=session.plan.name,
        environment=session.plan.environment.name,
        seconds=time.monotonic() - started,
        hosts=len(asked),
        tried={PATHS: sum(number for number, _ in answers)},
        findings=findings,
        unasked=tuple(host.name for host in chosen if not host.is_reachable),
    )
    return Result(data=report, exit_code=FOUND_EXIT if findings else 0, notes=inventory.notes)


@dataclass(frozen=True, slots=True)
class _Ask:
    observer: Observer
    configuration: File
    expected: Mapping[str, Sequence[Path]]
    unknown: Mapping[str, str]

    def __call__(self, host: Host) -> Found:
        """Ask one host, and tell the observer of it."""
        started = time.monotonic()
        self.observer.notify(StepStarted(host.name, "paths to other hosts"))
        wanted = self.expected.get(host.name, ())
        try:
            seen = self._seen(host, wanted)
        except ProbeFailed as error:
            found: Found = (0, (_unanswered(host, error),))
        else:
            found = len(seen), tuple(_findings(wanted, seen))
        outcome = Outcome.FAILED if found[1] else Outcome.DONE
        detail = f"{len(found[1])} of {len(wanted)} paths" if found[1] else ""
        seconds = time.monotonic() - started
        self.observer.notify(StepFinished(host.name, outcome, seconds, detail))
        return found

    def _seen(self, host: Host, wanted: Sequence[Path]) -> tuple[Answer, ...]:
        if host.name in self.unknown:
            raise ProbeFailed(f"{host.name} could not be asked: {self.unknown[host.name]}")
        interpreter = family_table().families[host.family].interpreter
        asked = Asked(self.configuration, host.name, interpreter)
        return try_connections(asked, [(path.address, path.port) for path in wanted])


def _chosen(known: Sequence[Host], wanted: tuple[str, ...]) -> Sequence[Host]:
    names = [host.name for host in known]
    for name in wanted:
        if name not in names:
            raise UnknownSelection(f"there is no host {name!r}", hint=suggestion(name, names))
    return [host for host in known if not wanted or host.name in wanted]


def _findings(wanted: Sequence[Path], seen: Sequence[Answer]) -> list[Finding]:
    return [
        _finding(path, answer)
        for path, answer in zip(wanted, seen, strict=True)
        if path.is_open != answer.is_open
    ]


def _finding(path: Path, answer: Answer) -> Finding:
    subject = f"{path.target} {path.address} tcp/{path.port}"
    if path.is_open:
        return Finding(
            probe=PATHS,
            host=path.source,
            subject=subject,
            expected="open",
            seen="no answer",
            why=path.purpose,
            hint=f"does {path.target} run, and does its own firewall let it in? "
            f"govstack ssh {path.target}",
        )
    return Finding(
        probe=PATHS,
        host=path.source,
        subject=subject,
        expected="closed",
        seen=answer.value,
        why="no flow and no use of the site opens it",
        hint="somebody opened it by hand: govstack up --all puts the rules back",
    )


def _unanswered(host: Host, error: ProbeFailed) -> Finding:
    return Finding(
        probe=LOGIN,
        host=host.name,
        subject=host.name,
        expected="a login",
        seen=str(error),
        hint=f"try it by hand: govstack ssh {host.name}",
    )
