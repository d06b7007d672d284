"""Runs many stacks: each after what it consumes, as many at once as there are workers."""

from collections.abc import Callable, Mapping
from graphlib import TopologicalSorter

from govstack.engine.job import Job, Progress, StackResult
from govstack.engine.pool import Pool
from govstack.errors import Interrupted
from govstack.layers.outputs import Outputs

Prepare = Callable[[str, Mapping[str, Outputs]], Job | StackResult]
"""Given a system and the outputs of its upstream: the job, or its result where none is needed."""

Tell = Callable[[str, Progress | StackResult | None], None]
"""Told of each system's start (None), progress and end."""


def run_stacks(
    pool: Pool, upstream: Mapping[str, tuple[str, ...]], prepare: Prepare, tell: Tell
) -> dict[str, StackResult]:
    """Run all systems in order of `upstream`; one that fails stops only those that need it.

    Raises:
        Interrupted: the user stopped the run; what ran was given the time to stop cleanly.
    """
    run = _Run(upstream, prepare, tell)
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
        self, upstream: Mapping[str, tuple[str, ...]], prepare: Prepare, tell: Tell
    ) -> None:
        self._upstream = upstream
        self._prepare = prepare
        self._tell = tell
        self._order = TopologicalSorter(upstream)
        self._order.prepare()
        self._ready: list[str] = []
        self.results: dict[str, StackResult] = {}

    def to_its_end(self, pool: Pool) -> None:
        while self._order.is_active():
            self._ready += sorted(self._order.get_ready())
            while self._ready and pool.is_free:
                self._begin(pool, self._ready.pop(0))
            if pool.is_busy:
                self.listen(pool)

    def listen(self, pool: Pool) -> None:
        for message in pool.messages():
            if isinstance(message, StackResult):
                self._end(message)
            else:
                self._tell(message.system, message)

    def _begin(self, pool: Pool, system: str) -> None:
        prepared = self._blocked(system) or self._prepare(system, self._outputs(system))
        if isinstance(prepared, StackResult):
            self._end(prepared)
        else:
            self._tell(system, None)
            pool.start(prepared)

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
        pool.interrupt()
        while pool.is_busy:
            run.listen(pool)
    except KeyboardInterrupt:
        pool.kill()
