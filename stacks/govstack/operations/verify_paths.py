"""Tries the paths between hosts: what flows open must be open, on packets, and all else closed."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from govstack.operations.probing import AT_ONCE, Hosts
from govstack.operations.verify_report import Finding
from govstack.plan.paths import Path
from govstack.values.observer import Observer, Outcome, StepFinished, StepStarted
from govstack.verify.connect import Answer, answers_of, connections

PATHS: Final = "paths"


def try_paths(
    speaking: Hosts,
    names: Sequence[str],
    expected: Mapping[str, Sequence[Path]],
    observer: Observer,
) -> tuple[int, list[Finding]]:
    """Try from each host, side by side, what it should and should not come to.

    Args:
        speaking: the hosts.
        names: those that are asked.
        expected: paths by the host that they begin at.
        observer: told of each host.

    Returns:
        How many paths were tried, and what was found.
    """

    def ask(name: str) -> tuple[int, list[Finding]]:
        started = time.monotonic()
        observer.notify(StepStarted(name, "paths to other hosts"))
        wanted = expected.get(name, ())
        step = connections([(path.address, path.port) for path in wanted])
        told = speaking.ask(name, [[step]])
        answer = told[0][0] if told else None
        found = _findings(wanted, answers_of(answer["answers"])) if answer else []
        detail = f"{len(found)} of {len(wanted)} paths" if found else ""
        outcome = Outcome.FAILED if found or answer is None else Outcome.DONE
        observer.notify(StepFinished(name, outcome, time.monotonic() - started, detail))
        return len(wanted) if answer else 0, found

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, names))
    return sum(number for number, _ in answers), [one for _, found in answers for one in found]


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
