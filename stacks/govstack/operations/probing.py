"""Tries probes on hosts that are spoken with, side by side, and tells what became of each.

What follows on another host waits until all hosts have taken their first steps, and so on: one
connection for each host does for all.  What disturbs comes last, one at a time, and puts back what
it changed whatever happens.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from govstack.errors import ProbeFailed
from govstack.inventory.probes.trials import Asked, Trial
from govstack.operations.verify_report import Finding, ProbeReport, Untried
from govstack.values.observer import Observer, Outcome, StepFinished, StepStarted
from govstack.verify.conversation import Answers, Asking, Sequences

AT_ONCE: Final = 6
"""Hosts spoken with at the same time; a bastion turns new ones away from ten on."""
HIDDEN: Final = "***"

Open = Callable[[str], Asking]
"""Begins to speak with a host."""


class Hosts:
    """The hosts that are spoken with; each by one connection, which is kept."""

    def __init__(self, begin: Open) -> None:
        self._begin = begin
        self._open: dict[str, Asking] = {}
        self.silent: dict[str, str] = {}

    def ask(self, host: str, sequences: Sequences) -> Answers | None:
        """Have a host take steps; None if it cannot be asked, which is kept in `silent`."""
        if host in self.silent:
            return None
        try:
            if host not in self._open:
                self._open[host] = self._begin(host)
            return self._open[host].ask(sequences)
        except ProbeFailed as error:
            self.silent[host] = str(error)
            self.leave(host)
            return None

    def leave(self, host: str) -> None:
        """End what is spoken with a host, whatever it is doing."""
        known = self._open.pop(host, None)
        if known is not None:
            known.close()

    def close(self) -> None:
        """End all conversations."""
        for host in list(self._open):
            self.leave(host)


@dataclass(slots=True)
class _Course:
    """A trial on its way."""

    trial: Trial
    place: int = 0
    seconds: float = 0.0
    finding: Finding | None = None
    unasked: str = ""

    @property
    def left(self) -> tuple[Asked, ...]:
        """Return the steps that are still to be taken."""
        rest = self.trial.steps[self.place :]
        return tuple(step for step in rest if step.always or not self.is_over)

    @property
    def is_over(self) -> bool:
        """Tell whether nothing but what puts things back is to be done."""
        return self.finding is not None or bool(self.unasked)

    def take_in(self, steps: Sequence[Asked], answers: Sequence[Mapping[str, Any] | None]) -> None:
        """Take note of what became of steps."""
        for step, answer in zip(steps, answers, strict=True):
            self.place = self.trial.steps.index(step, self.place) + 1
            if answer is not None:
                self.seconds += answer["seconds"]
                if answer["expected"] and self.finding is None:
                    self.finding = _finding(self.trial, step, answer)


@dataclass(slots=True)
class Tried:
    """What became of all trials."""

    reports: list[ProbeReport] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    untried: list[Untried] = field(default_factory=list)


def try_all(hosts: Hosts, trials: Sequence[Trial], observer: Observer) -> Tried:
    """Try all that disturbs nothing side by side, then what disturbs, one by one."""
    tried = Tried()
    courses = []
    for trial in trials:
        if trial.problem:
            tried.untried.append(_untried(trial, trial.problem))
        else:
            courses.append(_Course(trial))
    quiet = [course for course in courses if not course.trial.disturbs]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while wave := _wave(quiet):
            list(pool.map(lambda item: _take(hosts, *item), wave.items()))
    for course in courses:
        if course.trial.disturbs:
            _disturb(hosts, course, observer)
        _tell(course, tried)
    return tried


def _wave(courses: Sequence[_Course]) -> dict[str, list[tuple[_Course, list[Asked]]]]:
    """Return what hosts can do now: of each trial the next steps that are all on one host."""
    found: defaultdict[str, list[tuple[_Course, list[Asked]]]] = defaultdict(list)
    for course in courses:
        steps = course.left
        if steps:
            host = steps[0].host
            here = next((n for n, step in enumerate(steps) if step.host != host), len(steps))
            found[host].append((course, list(steps[:here])))
    return dict(found)


def _take(hosts: Hosts, host: str, work: Sequence[tuple[_Course, list[Asked]]]) -> None:
    """Have a host take its steps of several trials."""
    answers = hosts.ask(host, [[step.request for step in steps] for _, steps in work])
    for number, (course, steps) in enumerate(work):
        if answers is None:
            course.unasked = course.unasked or hosts.silent[host]
            course.place = course.trial.steps.index(steps[-1], course.place) + 1
        else:
            course.take_in(steps, answers[number])


def _disturb(hosts: Hosts, course: _Course, observer: Observer) -> None:
    """Try what disturbs something; put that back also if we are interrupted."""
    trial = course.trial
    step = f"{trial.probe} {trial.server}"
    observer.notify(StepStarted(step, trial.title))
    started = time.monotonic()
    try:
        _go_on(hosts, course)
    except BaseException:
        # What the host is doing just now has no end that we could wait for.
        for host in {each.host for each in trial.steps}:
            hosts.leave(host)
        course.unasked = "interrupted"
        with suppress(ProbeFailed):
            _go_on(hosts, course)
        raise
    outcome = Outcome.FAILED if course.finding else Outcome.DONE
    seen = course.finding.seen if course.finding else ""
    observer.notify(StepFinished(step, outcome, time.monotonic() - started, seen))


def _go_on(hosts: Hosts, course: _Course) -> None:
    while wave := _wave([course]):
        for host, work in wave.items():
            _take(hosts, host, work)


def _tell(course: _Course, tried: Tried) -> None:
    trial = course.trial
    if course.finding is None and course.unasked:
        tried.untried.append(_untried(trial, course.unasked))
        return
    if course.finding is not None:
        tried.findings.append(course.finding)
    tried.reports.append(
        ProbeReport(
            probe=trial.probe,
            title=trial.title,
            host=trial.host,
            server=trial.server,
            subject=trial.subject,
            outcome=Outcome.FAILED if course.finding else Outcome.DONE,
            seconds=round(course.seconds, 3),
        )
    )


def _finding(trial: Trial, step: Asked, answer: Mapping[str, Any]) -> Finding:
    subject = trial.server if trial.server != trial.host else ""
    where = " ".join(part for part in (subject, trial.subject) if part and part != trial.host)
    place = f"on {step.host}: " if step.host not in {trial.host, trial.server} else ""
    return Finding(
        probe=trial.probe,
        host=trial.host,
        subject=where,
        expected=masked(answer["expected"], trial.hidden),
        seen=place + masked(answer["seen"], trial.hidden),
        why=trial.title,
        hint=step.hint,
    )


def masked(text: str, hidden: Sequence[str]) -> str:
    """Return a text without the secrets that may stand in it."""
    for secret in hidden:
        text = text.replace(secret, HIDDEN)
    return text


def _untried(trial: Trial, why: str) -> Untried:
    return Untried(probe=trial.probe, host=trial.host, server=trial.server, why=why)
