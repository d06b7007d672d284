"""Runs batches of hosts, tells an observer of it, and keeps what each host was left as."""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from govstack.configure.collection import Roles
from govstack.configure.documents import REMEMBER, inventories, playbook
from govstack.configure.model import Batch, Did, Ended, Job, Message, TaskBegan, TaskDone
from govstack.inventory.model import Inventory
from govstack.inventory.variables.model import HostRoles
from govstack.operations.materials import hidden_texts
from govstack.operations.report_configure import ConfiguredHost, TaskReport
from govstack.state.files import private_folder, write_private
from govstack.state.hosts import UNSURE, Configured, write_configured
from govstack.state.places import Places
from govstack.values.change import Action, Change, Kind
from govstack.values.observer import (
    ChangeSeen,
    Observer,
    Outcome,
    StepAdvanced,
    StepFinished,
    StepStarted,
)

KEPT_RUNS: Final = 5
FILES: Final = ("copy", "template", "file", "lineinfile", "blockinfile")
UNREACHED: Final = "cannot be reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What all batches of a run have in common.

    Attributes:
        names: names of systems by id.
        digests: of each host, what it is configured with.
        fast: whether to go by mitogen, where that is installed.
        remembers: whether hosts are known afterwards to be as declared: not if nothing is changed,
            or if only some roles are run.
        private: a folder that is removed afterwards.
        folder: one that stays.
    """

    places: Places
    inventory: Inventory
    names: Mapping[str, str]
    digests: Mapping[str, str]
    roles: Roles
    private: Path
    folder: Path
    check: bool
    diff: bool
    remembers: bool
    fast: bool = True


@dataclass(slots=True)
class _Host:
    """A host that is being worked on."""

    roles: HostRoles
    started: float
    done: int = 0
    tasks: list[TaskReport] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    failure: TaskDone | None = None


Runner = Callable[[Job, Callable[[Message], None]], Ended]


class HostRuns:
    """Runs one batch after another."""

    def __init__(self, setting: Setting, observer: Observer, runner: Runner) -> None:
        self._setting = setting
        self._observer = observer
        self._runner = runner
        self._count = 0

    def run(self, batch: Batch) -> list[ConfiguredHost]:
        """Run a batch; return what became of its hosts."""
        self._count += 1
        working = {each.host: _Host(each, time.monotonic()) for each in batch.hosts}
        for each in batch.hosts:
            title = self._setting.names[each.system]
            self._observer.notify(StepStarted(each.host, title))
        job = self._job(batch)
        ended = self._runner(job, lambda message: self._take(working, message))
        shutil.rmtree(job.private, ignore_errors=True)
        return [self._finish(host, ended) for host in working.values()]

    def _job(self, batch: Batch) -> Job:
        setting = self._setting
        folder = private_folder(setting.folder / str(self._count))
        private = private_folder(setting.private / str(self._count))
        private_folder(private / "run")
        plain, secret = inventories(setting.inventory, batch.hosts, setting.digests)
        write_private(folder / "inventory.yaml", plain)
        write_private(folder / "playbook.yaml", playbook(batch, remembers=setting.remembers))
        write_private(private / "secrets.yaml", secret)
        return Job(
            folder=folder,
            private=private,
            inventory=(folder / "inventory.yaml", private / "secrets.yaml"),
            playbook=folder / "playbook.yaml",
            collections=setting.private / "collections",
            hosts=tuple(host.host for host in batch.hosts),
            check=setting.check,
            diff=setting.diff,
            fast=setting.fast,
            hidden=hidden_texts([host.variables for host in batch.hosts]),
        )

    def _take(self, working: Mapping[str, _Host], message: Message) -> None:
        if isinstance(message, TaskBegan):
            for host in working.values():
                if any(role.rsplit(".", 1)[-1] == message.role for role in host.roles.roles):
                    self._advance(host, message.role, message.task)
        elif isinstance(message, TaskDone) and message.host in working:
            self._count_task(working[message.host], message)

    def _count_task(self, host: _Host, task: TaskDone) -> None:
        host.done += 1
        if task.did in {Did.FAILED, Did.UNREACHABLE}:
            host.failure = task
        if task.did is Did.CHANGED and task.task != REMEMBER:
            host.tasks.append(TaskReport(role=task.role, task=task.task, diff=task.diff))
            change = _change(host.roles, task)
            host.changes.append(change)
            self._observer.notify(ChangeSeen(host.roles.host, change))
        self._advance(host, task.role, task.task)

    def _advance(self, host: _Host, role: str, task: str) -> None:
        detail = f"{role}: {task}" if role else task
        self._observer.notify(StepAdvanced(host.roles.host, detail, host.done))

    def _finish(self, host: _Host, ended: Ended) -> ConfiguredHost:
        name = host.roles.host
        went = ended.hosts.get(name)
        report = self._told(host, ended)
        if self._setting.remembers and went is not None:
            self._remember(host, self._setting.digests[name] if went else UNSURE)
        seconds = time.monotonic() - host.started
        self._observer.notify(StepFinished(name, report.outcome, seconds, report.error))
        return report

    def _told(self, host: _Host, ended: Ended) -> ConfiguredHost:
        name, failure = host.roles.host, host.failure
        went = ended.hosts.get(name)
        outcome = Outcome.DONE if went else Outcome.FAILED
        error, hint = "", ""
        if went is False:
            error = failure.told if failure else "it failed, and nothing was said of it"
            hint = further(name, failure)
        elif went is None and ended.told:
            error, hint = ended.told, f"what was run is in {self._setting.folder}"
        elif went is None:
            outcome, error = Outcome.SKIPPED, "another host of its system failed before its turn"
        return ConfiguredHost(
            name=name,
            system=host.roles.system,
            system_name=self._setting.names[host.roles.system],
            layer=host.roles.layer,
            outcome=outcome,
            seconds=time.monotonic() - host.started,
            tasks=tuple(host.tasks),
            changes=tuple(host.changes),
            **_place(failure if error else None),
            error=error,
            hint=hint,
        )

    def _remember(self, host: _Host, digest: str) -> None:
        configured = Configured(
            host=host.roles.host,
            digest=digest,
            roles=host.roles.roles,
            updated=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        write_configured(self._setting.places, configured)


def further(host: str, failure: TaskDone | None) -> str:
    """Return the command that looks further."""
    if failure is None or failure.did is Did.UNREACHABLE:
        return f"govstack ssh {host} tells what ssh meets; govstack status whether it is up"
    return (
        f"govstack ssh {host} -- sudo journalctl --no-pager --lines 50\n"
        "the same command again runs the hosts alone that failed"
    )


def new_run_folder(places: Places) -> Path:
    """Return a new folder for what is run; the oldest ones go."""
    runs = sorted(private_folder(places.runs).iterdir())
    for old in runs[: max(0, len(runs) - KEPT_RUNS + 1)]:
        shutil.rmtree(old, ignore_errors=True)
    return private_folder(places.runs / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}")


def _change(host: HostRoles, task: TaskDone) -> Change:
    module = task.module.rsplit(".", 1)[-1]
    return Change(
        kind=Kind.FILE if module in FILES else Kind.SETTING,
        action=Action.UPDATE,
        layer=host.layer,
        system=host.system,
        type=task.role,
        name=f"{host.host}: {task.task}",
    )


def _place(failure: TaskDone | None) -> dict[str, str]:
    """Return in which role and task a host failed; of one that was not reached neither counts."""
    if failure is None:
        return {}
    if failure.did is Did.UNREACHABLE:
        return {"task": UNREACHED}
    return {"role": failure.role, "task": failure.task}
