"""Runs many stacks: each after what it consumes, as many at once as there are workers."""

from collections.abc import Callable, Mapping
from graphlib import TopologicalSorter

from govstack.engine.job import Job, Progress, StackResult
from govstack.engine.pool import Pool
from govstack.errors import Interrupted
from govstack.layers.outputs import Outputs

Prepare = Callable[[str, Mapping[str, Outputs]], Job | StackResult]
"""Given a system and the outputs of its upstream: the job, or its result where none is needed."""

Ahead = Callable[[str], Job | None]
"""Given a system whose upstream still runs: a job that awaits its inputs, if it may start."""

Tell = Callable[[str, Progress | StackResult | None], None]
"""Told of each system's start (None), progress and end."""


def nothing_ahead(_system: str) -> None:
    """Start no engine before its inputs are known."""


def run_stacks(
    pool: Pool,
    upstream: Mapping[str, tuple[str, ...]],
    prepare: Prepare,
    tell: Tell,
    ahead: Ahead = nothing_ahead,
) -> dict[str, StackResult]:
    """Run all systems after their upstream; one that fails stops only those that need it.

    Among those that may run, the order is that in which `upstream` names them.

    While its upstream runs, a system's engine may be started ahead: that takes seconds of
    computing, in which the cloud would have nothing to do.

    Raises:
        Interrupted: the user stopped the run; what ran was given the time to stop cleanly.
    """
    run = _Run(upstream, prepare, tell, ahead)
    try:
        run.to_its_end(pool)
    except KeyboardInterrupt:
        _stop(pool, run)
        raise Interrupted(
            "stopped by the user; what was under way has been finished or recorded",
            hint="run the same command again to go on",
        ) from None
    return run.results


class _Run:
    def __init__(
        self,
        upstream: Mapping[str, tuple[str, ...]],
        prepare: Prepare,
        tell: Tell,
        ahead: Ahead,
    ) -> None:
        self._upstream = upstream
        self._place = {system: place for place, system in enumerate(upstream)}
        self._prepare = prepare
        self._tell = tell
        self._ahead = ahead
        self._order = TopologicalSorter(upstream)
        self._order.prepare()
        self._ready: list[str] = []
        self._moving: set[str] = set()
        self._waiting: set[str] = set()
        self._instead: dict[str, StackResult] = {}
        self._ended: dict[str, StackResult] = {}
        self.results: dict[str, StackResult] = {}

    def to_its_end(self, pool: Pool) -> None:
        while self._order.is_active():
            self._ready += self._order.get_ready()
            # Those that hold a worker already go first, or the others share what is left.
            self._ready.sort(key=lambda system: (system not in self._waiting, self._place[system]))
            while self._ready and (self._ready[0] in self._waiting or pool.is_free):
                self._begin(pool, self._ready.pop(0))
            self._begin_ahead(pool)
            if pool.is_busy:
                self.listen(pool)

    def listen(self, pool: Pool) -> None:
        for message in pool.messages():
            if isinstance(message, Progress):
                self._moving.add(message.system)
                self._tell(message.system, message)
            elif message.system in self._waiting:
                # Its engine failed before it had its inputs: that is told when its turn comes.
                self._waiting.discard(message.system)
                self._ended[message.system] = message
            else:
                self._end(self._instead.pop(message.system, message))

    def abandon(self, pool: Pool) -> None:
        """Have the jobs that still await their inputs end without."""
        for system in self._waiting:
            pool.provide(system, None)

    def _begin(self, pool: Pool, system: str) -> None:
        prepared = (
            self._blocked(system)
            or self._ended.get(system)
            or self._prepare(system, self._outputs(system))
        )
        waits = system in self._waiting
        self._waiting.discard(system)
        if isinstance(prepared, Job):
            self._tell(system, None)
            if waits:
                pool.provide(system, prepared.inputs)
            else:
                pool.start(prepared)
        elif waits:
            self._instead[system] = prepared
            pool.provide(system, None)
        else:
            self._end(prepared)

    def _begin_ahead(self, pool: Pool) -> None:
        # Only where all upstream is at work already: what waits must neither keep it from a worker
        # nor compete with its start.
        at_work = self._moving - self.results.keys()
        for system, needed in self._upstream.items():
            begun = system in self._waiting or system in self._ended
            if begun or not needed or not at_work.issuperset(needed):
                continue
            if not pool.is_free:
                return
            job = self._ahead(system)
            if job:
                self._waiting.add(system)
                pool.start(job)

    def _outputs(self, system: str) -> dict[str, Outputs]:
        return {name: self.results[name].outputs or {} for name in self._upstream[system]}

    def _blocked(self, system: str) -> StackResult | None:
        failed = [name for name in self._upstream[system] if self.results[name].error]
        if not failed:
            return None
        return StackResult(
            system=system, error=f"not run: {', '.join(failed)} failed", skipped=True
        )

    def _end(self, result: StackResult) -> None:
        self.results[result.system] = result
        self._order.done(result.system)
        self._tell(result.system, result)


def _stop(pool: Pool, run: _Run) -> None:
    """Let the engines finish what they are doing; a second interrupt ends them at once."""
    try:
        run.abandon(pool)
        pool.interrupt()
        while pool.is_busy:
            run.listen(pool)
    except KeyboardInterrupt:
        pool.kill()
