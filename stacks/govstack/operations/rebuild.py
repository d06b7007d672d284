"""Rebuild: gives nodes the image that is declared, one after the other.

`up` leaves the image of a node alone, since another one takes all that is on its root disk.  Here
it is changed in place: id, ports and volumes stay.  A node must be well again before the next one
is touched; the first that is not ends the run, and the same command goes on where it ended.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

from govstack.clouds.rebuild import servers_of
from govstack.errors import (
    ChangesPending,
    CloudUnreachable,
    EngineFailed,
    RebuildRefused,
    UnknownSelection,
)
from govstack.operations.births import Birth, declared_births, images_of, outdated
from govstack.operations.decide import standings
from govstack.operations.health import Active, Answering, Health
from govstack.operations.holding import holding
from govstack.operations.reports_effect import RebuildReport, RebuiltNode
from govstack.operations.run import Run, begin, open_cloud
from govstack.operations.session import open_session
from govstack.operations.stacks import Stacks
from govstack.operations.target import Target
from govstack.plan.model import StackPlan, SystemPlan
from govstack.site.model import PLATFORM
from govstack.values.observer import Observer, Outcome, StepFinished, StepStarted
from govstack.values.result import Result
from govstack.values.suggestion import suggestion

ConfirmNodes = Callable[[RebuildReport], bool]
"""Shown which nodes would be rebuilt; returns whether to go on."""


def rebuild(
    target: Target,
    observer: Observer,
    names: Sequence[str],
    *,
    max_unavailable: int = 1,
    confirm: ConfirmNodes | None = None,
) -> Result[RebuildReport]:
    """Give nodes the image that the site declares.

    Args:
        target: the site and environment.
        observer: told of each node.
        names: systems, of which all nodes born from another image are meant, and nodes.
        max_unavailable: how many nodes of a system may be away at the same time.
        confirm: asked before anything is touched.

    Raises:
        UnknownSelection: there is no such system or node.
        RebuildRefused: a node is not in the cloud.
        ChangesPending: the site has changes that are to be applied first.
        Locked: another run holds the environment.
    """
    session = open_session(target)
    with holding(session, observer, "rebuild"):
        run = begin(session, observer)
        nodes = _chosen(run, names)
        touched = _touched(run, nodes)
        _check(run, touched)
        planned = _report(run, [_untouched(each) for each in nodes], max_unavailable)
        if not nodes:
            return Result(data=planned)
        if confirm is not None and not confirm(planned):
            return Result(data=replace(planned, nodes=(), confirmed=False))
        run = run.from_now()
        health = Active() if session.plan.environment.is_embedded else Answering()
        with Stacks(open_cloud(run)) as stacks:
            stacks.recover(touched, {}, run.before)
            done = _Rolling(run, stacks, health, max_unavailable).through(nodes)
    data = _report(run, done, max_unavailable)
    return Result(data=data, exit_code=EngineFailed.exit_code if data.failures else 0)


@dataclass(frozen=True, slots=True)
class _Rolling:
    run: Run
    stacks: Stacks
    health: Health
    at_once: int

    def through(self, nodes: Sequence[Birth]) -> list[RebuiltNode]:
        """Rebuild system by system; what comes after a failure is left alone."""
        done: list[RebuiltNode] = []
        for system, group in groupby(nodes, key=lambda each: each.system):
            mine = list(group)
            if any(node.outcome is Outcome.FAILED for node in done):
                done += [_untouched(each) for each in mine]
                continue
            try:
                done += self._system(system, mine)
            finally:
                self.stacks.refresh(_plan(self.run, system), [each.node.name for each in mine])
        return done

    def _system(self, system: str, nodes: list[Birth]) -> Iterator[RebuiltNode]:
        rest = nodes
        failed = False
        with ThreadPoolExecutor(self.at_once) as threads:
            while rest and not failed:
                batch, rest = rest[: self.at_once], rest[self.at_once :]
                results = list(threads.map(partial(self._node, _plan(self.run, system)), batch))
                failed = any(result.outcome is Outcome.FAILED for result in results)
                yield from results
        yield from (_untouched(each) for each in rest)

    def _node(self, plan: SystemPlan, each: Birth) -> RebuiltNode:
        notify = self.run.observer.notify
        started = time.monotonic()
        notify(StepStarted(each.node.name, f"{each.born} -> {each.declared}"))
        outcome, error, hint = Outcome.DONE, "", ""
        try:
            self.health.remember(plan, each.node)
            if not self._rebuilt(plan, each):
                outcome = Outcome.UNCHANGED
            error = self.health.trouble(each.node)
            hint = "see what is wrong with it; then the same command again goes on" * bool(error)
        except CloudUnreachable as failure:
            error, hint = str(failure), failure.hint
        if error:
            outcome = Outcome.FAILED
        seconds = time.monotonic() - started
        notify(StepFinished(each.node.name, outcome, seconds, error))
        return replace(_untouched(each), outcome=outcome, seconds=seconds, error=error, hint=hint)

    def _rebuilt(self, plan: SystemPlan, each: Birth) -> bool:
        image = images_of(self.run.records)[each.node.image]
        with servers_of(self.run.session.places.clouds, plan.birth) as servers:
            return servers.rebuild(_server_id(self.run, each), str(image))


def _chosen(run: Run, names: Sequence[str]) -> list[Birth]:
    """Return the nodes that are meant, in the order of the plan.

    A system means those that need it, a node means itself.
    """
    plan = run.session.plan
    known = {each.node.name: each for each in declared_births(plan, run.records)}
    needed = {each.node.name: each for each in outdated(plan, run.records)}
    systems = {system.id: system for system in plan.systems}
    owners = {node.name: system.id for system in plan.systems for node in system.nodes}
    wanted: set[str] = set()
    for name in names:
        if name in systems:
            wanted |= {node.name for node in systems[name].nodes} & set(needed)
        elif name not in owners:
            hint = suggestion(name, [*systems, *owners])
            raise UnknownSelection(f"there is no system or node {name!r}", hint=hint)
        elif name not in known:
            raise RebuildRefused(
                f"the node {name} is not in the cloud", hint=f"first: govstack up {owners[name]}"
            )
        else:
            wanted.add(name)
    return [each for name, each in known.items() if name in wanted]


def _touched(run: Run, nodes: Sequence[Birth]) -> tuple[StackPlan, ...]:
    """Return the stacks that nodes belong to, and the platform, which has their images."""
    names = {PLATFORM, *(each.system for each in nodes)} if nodes else set()
    return tuple(stack for stack in run.session.plan.stacks if stack.id in names)


def _check(run: Run, stacks: tuple[StackPlan, ...]) -> None:
    """Make sure that the declared images are in the cloud, and the records true."""
    pending = [
        stack.id
        for stack, stands in standings(run.session, run.records, stacks)
        if stands.has_site_changes
    ]
    if pending:
        systems = sorted(stack.id for stack in stacks if stack.id != PLATFORM)
        raise ChangesPending(
            f"there are changes that are not applied: {', '.join(pending)}",
            hint=f"first: govstack up {' '.join(systems)}",
        )


def _plan(run: Run, system: str) -> SystemPlan:
    return next(plan for plan in run.session.plan.systems if plan.id == system)


def _server_id(run: Run, each: Birth) -> str:
    nodes = run.records[each.system].outputs.get("nodes")
    return str(nodes[each.node.name]) if isinstance(nodes, Mapping) else ""


def _untouched(each: Birth) -> RebuiltNode:
    return RebuiltNode(id=each.system, name=each.node.name, born=each.born, declared=each.declared)


def _report(run: Run, nodes: Sequence[RebuiltNode], at_once: int) -> RebuildReport:
    plan = run.session.plan
    return RebuildReport(
        site=plan.site,
        name=plan.name,
        environment=plan.environment.name,
        seconds=time.monotonic() - run.started,
        nodes=tuple(nodes),
        at_once=at_once,
    )
