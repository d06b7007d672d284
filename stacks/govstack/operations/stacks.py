"""Runs stacks for a verb: decides what is unchanged, keeps records, tells the observer."""

import dataclasses
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Self

from govstack.engine.birth import rename_stack
from govstack.engine.checkpoint import born_images, checkpoint_digest
from govstack.engine.job import Job, Progress, StackResult, Verb
from govstack.engine.pool import Pool
from govstack.engine.protection import EVERYTHING
from govstack.engine.schedule import run_stacks
from govstack.errors import EngineFailed
from govstack.layers.outputs import Outputs, PlatformOutputs
from govstack.layers.program import Inputs, PlatformInputs
from govstack.operations.births import Born, born_of, images_of
from govstack.operations.context import Context
from govstack.operations.engines import PREVIEWS, RunningEngine
from govstack.operations.fingerprint import Fingerprint, fingerprint
from govstack.operations.images import check_images
from govstack.operations.inputs import inputs_of
from govstack.operations.keeping import after_run, begun
from govstack.operations.moves import after_move, has_moved
from govstack.operations.recovery import recover, subjects_of
from govstack.operations.standing import standing
from govstack.operations.telling import tell
from govstack.operations.workers import workers_here
from govstack.plan.model import PlatformPlan, ProjectPlan, StackPlan, SystemPlan
from govstack.site.model import PLATFORM
from govstack.state.records import Record, drop_record, read_records, write_record
from govstack.state.secrets import passphrase
from govstack.state.vault import write_vault


class Stacks(AbstractContextManager["Stacks"]):
    """The stacks of one environment, for the time of one run.

    Toolchain, cloud check and workers are got when the first stack really has to be run.
    `lifted` names, by system, what may go although it is protected; `to_refresh` the systems whose
    last run died, so that state and cloud may differ; `outdated` the systems seen so far whose
    records are not true any more, even if the engine found nothing to change.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._places = context.session.places
        self._key = passphrase(self._places)
        self._records = dict(context.records)
        limits = context.session.plan.environment.limits
        self._pool = Pool(limits.systems_at_once or workers_here())
        self._engine = RunningEngine(context.session, context.observer, self._pool)
        self._made: dict[str, tuple[Inputs, Fingerprint]] = {}
        self._platform: tuple[Outputs | None, PlatformOutputs | None] = (None, None)
        self.outdated: set[str] = set()
        self.lifted: Mapping[str, frozenset[str]] = {}
        self.to_refresh: frozenset[str] = frozenset()
        self._taken_up = False

    def __enter__(self) -> Self:
        self._pool.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.__exit__()

    def recover(
        self,
        plans: tuple[StackPlan, ...],
        removed: Mapping[str, Record],
        before: tuple[ProjectPlan, ...],
    ) -> None:
        """Clear away what a run that died has left of these stacks; comes before all changes."""
        subjects = subjects_of(plans, self._records, removed)
        context, ready = self._context, self._engine.ready
        self.to_refresh = recover(context.session, context.observer, subjects, before, ready)

    def take_up(
        self,
        plans: tuple[StackPlan, ...],
        removed: Mapping[str, Record],
        before: tuple[ProjectPlan, ...],
    ) -> None:
        """Make ready for running these stacks again, which have failed in this run."""
        self._records = dict(read_records(self._places))
        self._taken_up = True
        subjects = subjects_of(plans, self._records, removed)
        context, ready = self._context, self._engine.ready
        cause = "the cloud did not say whether it did what it was asked"
        self.to_refresh = recover(
            context.session, context.observer, subjects, before, ready, cause=cause
        )

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
            rename_stack(self._engine.ready(), old, (plan.layer.value, plan.id))
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

        def told(system: str, message: Progress | StackResult | None) -> None:
            if isinstance(message, StackResult) and verb is Verb.UPDATE:
                self._keep(wanted[system], message)
            if not (self._taken_up and isinstance(message, StackResult) and message.unchanged):
                tell(self._context.observer, system, wanted[system].name, message)

        def ahead(system: str) -> Job | None:
            return self._ahead(wanted[system], verb)

        results = run_stacks(self._pool, upstream, prepare, told, ahead)
        self._engine.check()
        return results

    def remove(self, records: Mapping[str, Record], verb: Verb) -> dict[str, StackResult]:
        """Destroy these systems' stacks (or preview it), each after what depends on it."""
        dependants = {
            system: tuple(name for name, other in records.items() if system in other.upstream)
            for system in records
        }

        def prepare(system: str, _: Mapping[str, Outputs]) -> Job:
            return Job(
                verb=verb,
                system=system,
                layer=records[system].layer,
                engine=self._engine.ready(verb),
                unprotects=self._unprotects(system, verb),
            )

        def told(system: str, message: Progress | StackResult | None) -> None:
            if isinstance(message, StackResult) and verb is Verb.DESTROY and not message.error:
                drop_record(self._places, system)
            tell(self._context.observer, system, records[system].name, message)

        results = run_stacks(self._pool, dependants, prepare, told)
        self._engine.check()
        return results

    def refresh(self, plan: SystemPlan, nodes: Sequence[str]) -> None:
        """Have state and record say what these servers are since they were rebuilt.

        Whatever else the record says stays: a checkpoint that others have touched stays one.

        Raises:
            EngineFailed: the engine could not look at them.
        """
        record = self._records[plan.id]
        untouched = record.checkpoint == self._checkpoint(plan)
        job = Job(
            verb=Verb.REFRESH,
            system=plan.id,
            layer=plan.layer,
            engine=self._engine.ready(),
            targets=tuple(nodes),
        )
        (result,) = run_stacks(self._pool, {plan.id: ()}, lambda *_: job, lambda *_: None).values()
        if result.error:
            raise EngineFailed(
                f"the state of {plan.id} could not be brought up to date: {result.error}",
                hint="the same command again does it",
            )
        self._records[plan.id] = dataclasses.replace(
            record,
            checkpoint=self._checkpoint(plan) if untouched else record.checkpoint,
            born=self._born(plan, images_of(self._records)),
        )
        write_record(self._places, self._records[plan.id])

    def _prepare(
        self, plan: StackPlan, outputs: Mapping[str, Outputs], verb: Verb
    ) -> Job | StackResult:
        context = self._context
        given = self._given(outputs.get(PLATFORM))
        inputs = inputs_of(context.session, plan, given, context.passwords)
        made = fingerprint(inputs, self._key)
        self._made[plan.id] = (inputs, made)
        record = self._records.get(plan.id)
        stands = standing(plan, record, made, lambda: self._checkpoint(plan))
        if not stands.is_unchanged:
            self.outdated.add(plan.id)
        elif record and (self._taken_up or not context.everything):
            return StackResult(
                system=plan.id,
                outputs=record.outputs,
                resources=record.resources,
                unchanged=True,
            )
        if isinstance(plan, PlatformPlan):
            check_images(context.session.site.root, plan.images)
        engine = self._engine.ready(verb)
        if verb is Verb.UPDATE:
            write_record(self._places, begun(plan, record))
            self._keep_credentials(plan)
        # In a preview, what was renamed still bears the name that it had.
        known = record or begun(plan, None)
        return Job(
            verb=verb,
            system=plan.id,
            stack=known.system,
            layer=known.layer,
            engine=engine,
            inputs=inputs,
            unprotects=self._unprotects(plan.id, verb),
            refresh=plan.id in self.to_refresh,
        )

    def _given(self, outputs: Outputs | None) -> PlatformOutputs | None:
        """Return what the platform gives; it is read once, not for each system."""
        if outputs is not None and self._platform[0] is not outputs:
            self._platform = (outputs, PlatformOutputs.parse(outputs))
        return self._platform[1] if outputs is not None else None

    def _unprotects(self, system: str, verb: Verb) -> frozenset[str]:
        """Return what may go: in a preview all of it, or it could not be foreseen."""
        if verb in PREVIEWS:
            return EVERYTHING
        return self.lifted.get(system, frozenset())

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
        engine = self._engine.made
        if verb is not Verb.UPDATE or plan.id in self._records or engine is None:
            return None
        return Job(verb=verb, system=plan.id, layer=plan.layer, engine=engine, awaits=True)

    def _checkpoint(self, plan: StackPlan) -> str:
        return checkpoint_digest(self._places.backend, plan.layer.value, plan.id)

    def _keep(self, plan: StackPlan, result: StackResult) -> None:
        if result.error or result.unchanged:
            return
        inputs, made = self._made[plan.id]
        images = {} if isinstance(inputs, PlatformInputs) else inputs.platform.images
        record = dataclasses.replace(
            after_run(plan, result, made),
            checkpoint=self._checkpoint(plan),
            born=self._born(plan, images),
        )
        write_record(self._places, record)

    def _born(self, plan: StackPlan, images: Mapping[str, object]) -> Born:
        if isinstance(plan, PlatformPlan):
            return {}
        found = born_images(self._places.backend, plan.layer.value, plan.id)
        before = self._records.get(plan.id)
        return born_of(self._context.session.plan, plan, images, found, before)
