"""Again: what a cloud in trouble did not let a run finish is tried once more within it.

The provider repeats single calls for as long as the environment's patience.  What is left are
calls whose end nobody knows, and a cloud that was in trouble for longer: what they may have left is
looked for and removed, and the stacks that they stopped are run again.
"""

import time
from collections.abc import Callable, Mapping
from typing import Final

from govstack.engine.job import StackResult, Verb
from govstack.errors import CloudUnreachable
from govstack.operations.run import Run, merged
from govstack.operations.stacks import Stacks
from govstack.plan.model import StackPlan
from govstack.state.records import Record
from govstack.values.observer import Level, Note

ROUNDS: Final = 5
"""How often a run tries again at most; each time that did not get further is the last."""
PATIENCE_SECONDS: Final = 120
"""For how long after the first failure it begins to try again, if the environment says nothing."""

Results = dict[str, StackResult]


def finish(run: Run, stacks: Stacks, plans: tuple[StackPlan, ...], results: Results) -> Results:
    """Run again what failed in passing, until nothing does or the environment's patience ends."""

    def attempt(results: Results) -> Results:
        failed = tuple(plan for plan in plans if results[plan.id].error)
        stacks.take_up(failed, {}, run.before)
        return stacks.converge(plans, Verb.UPDATE)

    return _in_rounds(run, results, attempt)


def finish_removal(
    run: Run, stacks: Stacks, records: Mapping[str, Record], results: Results
) -> Results:
    """Do the same where stacks are removed."""

    def attempt(results: Results) -> Results:
        left = {name: record for name, record in records.items() if results[name].error}
        stacks.take_up((), left, run.before)
        return stacks.remove(left, Verb.DESTROY)

    return _in_rounds(run, results, attempt)


def _in_rounds(run: Run, results: Results, attempt: Callable[[Results], Results]) -> Results:
    patience = run.session.plan.environment.limits.patience_seconds or PATIENCE_SECONDS
    deadline = time.monotonic() + patience
    for _ in range(ROUNDS):
        failed = _passing(results)
        if not failed or time.monotonic() > deadline:
            break
        text = f"the cloud is in trouble; trying again: {', '.join(sorted(failed))}"
        run.observer.notify(Note(text, Level.WARNING))
        try:
            latest = attempt(results)
        except CloudUnreachable as error:
            run.observer.notify(Note(str(error), Level.WARNING))
            break
        before, results = results, results | _both(results, latest)
        if not _got_further(before, latest):
            break
    return results


def _passing(results: Mapping[str, StackResult]) -> set[str]:
    """Return the systems that another attempt may help; none if it cannot help all that failed."""
    failed = {name: each for name, each in results.items() if each.error and not each.skipped}
    return {name for name, each in failed.items() if each.passing}


def _both(first: Results, second: Results) -> Results:
    return {name: merged(first[name], each) for name, each in second.items()}


def _got_further(before: Results, latest: Results) -> bool:
    """Tell whether anything was made, or fewer stacks failed: a cloud that is down stays down."""
    fewer = sum(bool(each.error) for each in latest.values()) < sum(
        bool(each.error) for each in before.values()
    )
    return fewer or any(each.changes for each in latest.values())
