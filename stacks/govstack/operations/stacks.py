"""Runs stacks for a verb: decides what is unchanged, keeps records, tells the observer."""

import dataclasses
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from govstack.clouds.check import check_cloud
from govstack.engine.birth import rename_stack
from govstack.engine.checkpoint import checkpoint_digest
from govstack.engine.job import Engine, Job, Progress, StackResult, Verb
from govstack.engine.pool import Pool
from govstack.engine.schedule import run_stacks
from govstack.engine.toolchain import environment, find_toolchain
from govstack.layers.outputs import Outputs, PlatformOutputs
from govstack.layers.program import Inputs, PlatformInputs, SystemInputs
from govstack.operations.fingerprint import fingerprint
from govstack.operations.images import check_images
from govstack.operations.moves import after_move, has_moved
from govstack.operations.session import Session
from govstack.plan.model import PlatformPlan, StackPlan, SystemPlan
from govstack.plan.quota import CALLS_AT_ONCE
from govstack.site.model import PLATFORM
from govstack.state.login import public_key
from govstack.state.records import Record, drop_record, write_record
from govstack.state.secrets import passphrase
from govstack.state.vault import write_vault
from govstack.values.change import Change, count
from govstack.values.digest import plain
from govstack.values.observer import (
    ChangeSeen,
    Observer,
    Outcome,
    StepAdvanced,
    StepFinished,
    StepStarted,
)
from govstack.values.secret import Secret

WORKERS_PER_PROCESSOR = 3
"""Workers mostly wait for the cloud; each takes about 250 MB with its engine and providers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a run over many stacks goes by.

    Attributes:
        records: the records as they were when the run began.
        passwords: of the service users, by name.
        everything: whether to run also what has not changed.
    """

    session: Session
    observer: Observer
    records: Mapping[str, Record]
    passwords: Mapping[str, Secret]
    everything: bool = False


class Stacks(AbstractContextManager["Stacks"]):
    """The stacks of one environment, for the time of one run.

    Toolchain, cloud check and workers are got when the first stack really has to be run.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._places = context.session.places
        self._key = passphrase(self._places)
        self._records = dict(context.records)
        self._limits = context.session.plan.environment.limits
        workers = WORKERS_PER_PROCESSOR * (os.cpu_count() or 1)
        self._pool = Pool(self._limits.systems_at_once or workers)
        self._engine: Engine | None = None
        self._prints: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._pool.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.__exit__()

    def follow_moves(self, plans: tuple[StackPlan, ...]) -> None:
        """Have the stacks of systems that were renamed or moved bear their present names.

        Raises:
            EngineFailed: the engine would not rename one.
        """
        for plan in plans:
            record = self._records.get(plan.id)
            if record is None or not has_moved(plan, record):
                continue
            old = (record.layer.value, record.system)
            rename_stack(self._running_engine(), old, (plan.layer.value, plan.id))
            self._records[plan.id] = after_move(plan, record)
            write_record(self._places, self._records[plan.id])
            if record.system != plan.id:
                drop_record(self._places, record.system)

    def converge(self, plans: tuple[StackPlan, ...], verb: Verb) -> dict[str, StackResult]:
        """Preview or update these stacks: the platform, then all systems side by side.

        Systems need each other's services, but nothing of each other's stacks: every address is
        known from the plan.
        """
        wanted = {plan.id: plan for plan in plans}
        upstream = {
            plan.id: tuple(name for name in plan.upstream if name == PLATFORM and name in wanted)
            for plan in plans
        }

        def prepare(system: str, outputs: Mapping[str, Outputs]) -> Job | StackResult:
            return self._prepare(wanted[system], outputs, verb)

        def tell(system: str, message: Progress | StackResult | None) -> None:
            if isinstance(message, StackResult) and verb is Verb.UPDATE:
                self._keep(wanted[system], message)
            self._tell(system, wanted[system].name, message)

        def ahead(system: str) -> Job | None:
            return self._ahead(wanted[system], verb)

        return run_stacks(self._pool, upstream, prepare, tell, ahead)

    def remove(self, records: Mapping[str, Record], verb: Verb) -> dict[str, StackResult]:
        """Destroy these systems' stacks (or preview it), each after what depends on it."""
        dependants = {
            system: tuple(name for name, other in records.items() if system in other.upstream)
            for system in records
        }

        def prepare(system: str, _: Mapping[str, Outputs]) -> Job:
            record = records[system]
            return Job(verb=verb, system=system, layer=record.layer, engine=self._running_engine())

        def tell(system: str, message: Progress | StackResult | None) -> None:
            if isinstance(message, StackResult) and verb is Verb.DESTROY and not message.error:
                drop_record(self._places, system)
            self._tell(system, records[system].name, message)

        return run_stacks(self._pool, dependants, prepare, tell)

    def _prepare(
        self, plan: StackPlan, outputs: Mapping[str, Outputs], verb: Verb
    ) -> Job | StackResult:
        inputs = self._inputs(plan, outputs)
        self._prints[plan.id] = fingerprint(inputs, self._key)
        record = self._records.get(plan.id)
        if record and not self._context.everything and self._is_unchanged(plan, record):
            return StackResult(
                system=plan.id,
                outputs=record.outputs,
                resources=record.resources,
                unchanged=True,
            )
        if isinstance(plan, PlatformPlan):
            check_images(self._context.session.site.root, plan.images)
        engine = self._running_engine()
        if verb is Verb.UPDATE:
            write_record(self._places, _begun(plan, record))
            self._keep_credentials(plan)
        # In a preview, what was renamed still bears the name that it had.
        known = record or _begun(plan, None)
        return Job(
            verb=verb,
            system=plan.id,
            stack=known.system,
            layer=known.layer,
            engine=engine,
            inputs=inputs,
        )

    def _keep_credentials(self, plan: StackPlan) -> None:
        """Write the credentials of a system down, where the cloud has no place for them."""
        if isinstance(plan, PlatformPlan) or plan.keeps_credentials or not plan.credentials:
            return
        found = {
            each.service: (each.account, self._context.passwords[each.key])
            for each in plan.credentials
        }
        write_vault(self._places, plan.birth, found, self._key)

    def _ahead(self, plan: StackPlan, verb: Verb) -> Job | None:
        """Return a job for a system that is new, and so will be run whatever its inputs are."""
        if verb is not Verb.UPDATE or plan.id in self._records or self._engine is None:
            return None
        return Job(verb=verb, system=plan.id, layer=plan.layer, engine=self._engine, awaits=True)

    def _inputs(self, plan: StackPlan, outputs: Mapping[str, Outputs]) -> Inputs:
        if isinstance(plan, PlatformPlan):
            users = {project.user for project in plan.projects}
            passwords = {user: self._context.passwords[user] for user in sorted(users)}
            return PlatformInputs(plan, passwords, self._context.session.site.root)
        platform = PlatformOutputs.parse(outputs[PLATFORM])
        secrets = {each.key: self._context.passwords[each.key] for each in plan.credentials}
        if self._context.session.has_logins:
            plan = dataclasses.replace(plan, public_key=public_key(self._places))
        return SystemInputs(plan, platform.consumed_by(plan), secrets)

    def _is_unchanged(self, plan: StackPlan, record: Record) -> bool:
        return (
            record.finished
            and not has_moved(plan, record)
            and record.inputs == self._prints[plan.id]
            and record.checkpoint == self._checkpoint(plan)
        )

    def _checkpoint(self, plan: StackPlan) -> str:
        return checkpoint_digest(self._places.backend, plan.layer.value, plan.id)

    def _running_engine(self) -> Engine:
        if self._engine is None:
            session = self._context.session
            self._pool.warm()
            check_cloud(self._places.clouds, session.plan)
            tools = find_toolchain(self._context.observer, cache=session.target.cache_home)
            self._engine = Engine(
                program=tools.pulumi.path,
                version=tools.pulumi.version,
                backend=self._places.backend,
                workspaces=self._places.workspaces,
                calls_at_once=self._limits.calls_at_once or CALLS_AT_ONCE,
                variables={
                    **environment(tools, self._places.engine_home),
                    "PULUMI_CONFIG_PASSPHRASE_FILE": str(self._places.passphrase),
                    "OS_CLIENT_CONFIG_FILE": str(self._places.clouds),
                },
            )
        return self._engine

    def _keep(self, plan: StackPlan, result: StackResult) -> None:
        if result.error or result.unchanged:
            return
        record = dataclasses.replace(
            _begun(plan, None),
            finished=True,
            inputs=self._prints[plan.id],
            checkpoint=self._checkpoint(plan),
            outputs=result.outputs or {},
            resources=result.resources,
            updated=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        write_record(self._places, record)

    def _tell(self, system: str, name: str, message: Progress | StackResult | None) -> None:
        notify = self._context.observer.notify
        if message is None:
            notify(StepStarted(system, name))
        elif isinstance(message, Progress):
            notify(ChangeSeen(system, message.change))
            notify(StepAdvanced(system, _short(message.change), message.done))
        else:
            notify(StepFinished(system, outcome_of(message), message.seconds, _summary(message)))


def outcome_of(result: StackResult) -> Outcome:
    """Return how a stack's run ended, in the words of the observer."""
    if result.skipped:
        return Outcome.SKIPPED
    if result.error:
        return Outcome.FAILED
    return Outcome.DONE if result.changes else Outcome.UNCHANGED


def _begun(plan: StackPlan, record: Record | None) -> Record:
    """Return the record of a system that is about to be touched; what it last gave is kept."""
    fresh = Record(
        system=plan.id,
        name=plan.name,
        layer=plan.layer,
        upstream=plan.upstream,
        project=_project(plan),
        birth="" if isinstance(plan, PlatformPlan) else plan.birth,
    )
    if record is None:
        return fresh
    return dataclasses.replace(
        fresh, outputs=record.outputs, resources=record.resources, updated=record.updated
    )


def _project(plan: StackPlan) -> Mapping[str, object]:
    if isinstance(plan, SystemPlan):
        project = plain(plan.project)
        if isinstance(project, Mapping):
            return project
    return {}


def _short(change: Change) -> str:
    return f"{change.action} {change.type.rsplit(':', 1)[-1]} {change.name}"


def _summary(result: StackResult) -> str:
    if result.error:
        return result.error
    return ", ".join(f"{number} {action}" for action, number in count(result.changes).items())
