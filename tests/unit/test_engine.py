import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from govstack.engine.checkpoint import (
    checkpoint_digest,
    checkpoint_path,
    known_stacks,
)
from govstack.engine.failures import explain
from govstack.engine.job import Engine, Job, Message, Progress, StackResult, Verb
from govstack.engine.pool import PRELOADED
from govstack.engine.schedule import Ahead, nothing_ahead, run_stacks
from govstack.errors import Interrupted
from govstack.site.kinds import Layer
from govstack.values.change import Action, Change, Kind


class FakePool:
    """Runs jobs one message at a time, in the order that they were started."""

    def __init__(self, size: int, answers: Mapping[str, StackResult]) -> None:
        self._size = size
        self._answers = answers
        self._running: list[str] = []
        self.started: list[str] = []
        self.waiting: set[str] = set()
        self.provided: list[tuple[str, object]] = []
        self.interrupts = 0
        self.most = 0

    @property
    def is_free(self) -> bool:
        return len(self._running) < self._size

    @property
    def is_busy(self) -> bool:
        return bool(self._running)

    def start(self, job: Job) -> None:
        self.started.append(job.system)
        self._running.append(job.system)
        if job.awaits:
            self.waiting.add(job.system)
        self.most = max(self.most, len(self._running))

    def provide(self, system: str, inputs: object) -> None:
        self.provided.append((system, inputs))
        self.waiting.remove(system)

    def messages(self) -> Iterator[Message]:
        system = next(name for name in self._running if name not in self.waiting)
        self._running.remove(system)
        yield self._answers.get(system, StackResult(system=system, outputs={"of": system}))

    def interrupt(self) -> None:
        self.interrupts += 1

    def kill(self) -> None:
        self._running.clear()


UPSTREAM = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c"), "e": ()}


CHANGE = Change(
    kind=Kind.RESOURCE,
    action=Action.CREATE,
    layer="infrastructure",
    system="a",
    type="openstack:networking/port:Port",
    name="p",
)
ENGINE = Engine(
    program=Path("pulumi"),
    version="3.259.0",
    backend=Path("b"),
    workspaces=Path("w"),
    variables={},
    calls_at_once=16,
)


def job(system: str) -> Job:
    return Job(verb=Verb.UPDATE, system=system, layer=Layer.INFRASTRUCTURE, engine=ENGINE)


class Run:
    """One run over `UPSTREAM`, with what it was told and what each system was given."""

    def __init__(
        self,
        pool: FakePool,
        ready: Mapping[str, StackResult] | None = None,
        ahead: Ahead = nothing_ahead,
    ) -> None:
        self.pool = pool
        self.ahead = ahead
        self.told: list[tuple[str, str]] = []
        self.given: dict[str, Mapping[str, Mapping[str, object]]] = {}
        self._ready = ready or {}

    def __call__(self) -> dict[str, StackResult]:
        return run_stacks(self.pool, UPSTREAM, self._prepare, self._tell, self.ahead)  # type: ignore[arg-type] # a fake

    def _prepare(
        self, system: str, outputs: Mapping[str, Mapping[str, object]]
    ) -> Job | StackResult:
        self.given[system] = outputs
        return self._ready.get(system) or job(system)

    def _tell(self, system: str, message: Progress | StackResult | None) -> None:
        self.told.append((system, type(message).__name__))


def test_each_system_runs_after_what_it_needs_and_gets_its_outputs() -> None:
    run = Run(FakePool(2, {}))
    results = run()
    assert run.pool.started == ["a", "e", "b", "c", "d"]
    assert run.given["d"] == {"b": {"of": "b"}, "c": {"of": "c"}}
    assert set(results) == set(UPSTREAM)
    assert run.told[:4] == [
        ("a", "NoneType"),
        ("e", "NoneType"),
        ("a", "StackResult"),
        ("b", "NoneType"),
    ]


def test_no_more_run_at_once_than_there_are_workers() -> None:
    run = Run(FakePool(1, {}))
    run()
    assert run.pool.most == 1


def test_what_needs_a_system_that_failed_is_skipped_and_the_rest_runs() -> None:
    run = Run(FakePool(2, {"b": StackResult(system="b", error="boom")}))
    results = run()
    assert "d" not in run.pool.started
    assert results["d"] == StackResult(system="d", error="not run: b failed", skipped=True)
    assert not results["c"].error
    assert not results["e"].error


def test_what_is_unchanged_never_reaches_a_worker() -> None:
    run = Run(FakePool(2, {}), {"a": StackResult(system="a", outputs={"of": "a"}, unchanged=True)})
    assert run()["a"].unchanged
    assert run.pool.started == ["e", "b", "c", "d"]
    assert run.given["b"] == {"a": {"of": "a"}}


class Telling(FakePool):
    """A pool whose jobs tell of a change before they end."""

    def __init__(self, size: int, answers: Mapping[str, StackResult]) -> None:
        super().__init__(size, answers)
        self._moved: set[str] = set()

    def messages(self) -> Iterator[Message]:
        system = next(name for name in self._running if name not in self.waiting)
        if system in self._moved:
            yield from super().messages()
        else:
            self._moved.add(system)
            yield Progress(system, CHANGE, 1)


def ahead(system: str) -> Job | None:
    return replace(job(system), awaits=True) if system in {"b", "c"} else None


def test_engines_are_started_ahead_and_given_their_inputs_in_time() -> None:
    run = Run(Telling(4, {}), ahead=ahead)
    results = run()
    assert run.pool.started == ["a", "e", "b", "c", "d"]
    assert run.pool.provided == [("b", None), ("c", None)]
    assert run.given["b"] == {"a": {"of": "a"}}
    assert not any(result.error for result in results.values())
    assert run.told.index(("a", "StackResult")) < run.told.index(("b", "NoneType"))


def test_what_holds_a_worker_already_goes_first() -> None:
    run = Run(Telling(3, {}), ahead=lambda system: ahead(system) if system == "c" else None)
    run()
    begun = [system for system, kind in run.told if kind == "NoneType"]
    assert begun.index("c") < begun.index("b")


def test_what_waits_never_keeps_its_upstream_from_a_worker() -> None:
    run = Run(Telling(1, {}), ahead=ahead)
    assert set(run()) == set(UPSTREAM)
    assert run.pool.provided == []


def test_what_was_started_ahead_in_vain_is_skipped() -> None:
    run = Run(Telling(4, {"a": StackResult(system="a", error="boom")}), ahead=ahead)
    results = run()
    assert run.pool.provided == [("b", None), ("c", None)]
    assert results["b"] == StackResult(system="b", error="not run: a failed", skipped=True)
    assert "b" not in run.given


class Hasty(Telling):
    """A pool in which an engine that was started ahead fails at once."""

    def messages(self) -> Iterator[Message]:
        if "b" in self.waiting:
            self.waiting.remove("b")
            self._running.remove("b")
            yield StackResult(system="b", error="no passphrase")
            return
        yield from super().messages()


def test_an_engine_that_fails_ahead_is_told_of_in_its_turn() -> None:
    run = Run(Hasty(4, {}), ahead=ahead)
    results = run()
    assert results["b"].error == "no passphrase"
    assert results["d"].skipped
    assert run.told.index(("a", "StackResult")) < run.told.index(("b", "StackResult"))
    assert run.pool.provided == [("c", None)]


class Impatient(Telling):
    """A pool whose user stops the run while the first systems are under way."""

    def messages(self) -> Iterator[Message]:
        if not self.interrupts and "a" in self._moved:
            raise KeyboardInterrupt
        return super().messages()


def test_an_interrupt_lets_what_runs_end_and_starts_nothing_more() -> None:
    run = Run(Impatient(2, {}))
    with pytest.raises(Interrupted) as caught:
        run()
    assert caught.value.exit_code == 130
    assert run.pool.started == ["a", "e"]
    assert run.pool.interrupts == 1
    assert [name for name, kind in run.told if kind == "StackResult"] == ["a", "e"]


def test_an_interrupt_ends_what_still_waits() -> None:
    run = Run(Impatient(4, {}), ahead=ahead)
    with pytest.raises(Interrupted):
        run()
    assert sorted(run.pool.provided) == [("b", None), ("c", None)]
    assert not run.pool.is_busy
    assert ("b", "StackResult") not in run.told


def test_a_checkpoint_is_known_by_its_bytes(tmp_path: Path) -> None:
    path = checkpoint_path(tmp_path, "data-service", "dat-rdb")
    assert checkpoint_digest(tmp_path, "data-service", "dat-rdb") == ""
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    first = checkpoint_digest(tmp_path, "data-service", "dat-rdb")
    path.write_text("{ }")
    assert checkpoint_digest(tmp_path, "data-service", "dat-rdb") not in {first, ""}
    (path.parent / "dat-rdb.json.bak").write_text("{}")
    assert known_stacks(tmp_path) == (("data-service", "dat-rdb"),)


@pytest.mark.parametrize(
    ("output", "errors", "text"),
    [
        ("error: incorrect passphrase", [], "the passphrase does not fit"),
        (
            "error: get stack secrets manager: secrets (code=Unknown): Error making API request.",
            [],
            "the key manager did not open the key",
        ),
        ("error: failed to load checkpoint: x", [], "cannot read the stack's state"),
        ("error: the stack is currently locked by 1 lock(s)", [], "the stack is locked"),
        ("", ["resource is protected"], "would delete something that holds data"),
        ("write: no space left on device", [], "no space is left on the disk"),
        ("", ["p: quota exceeded", "p: quota exceeded", "q: gone"], "p: quota exceeded; q: gone"),
        ("", ["a: x", "b: x", "c: x", "d: x", "e: x"], "a: x; b: x; c: x; and 2 more errors"),
        ("line\nerror: what happened\nmore", [], "error: what happened"),
        ("only line", [], "only line"),
        ("", [], "the engine ended without a word"),
    ],
)
def test_failures_are_said_plainly(output: str, errors: list[str], text: str) -> None:
    assert text in explain(output, errors)[0]


def test_workers_leave_alone_what_was_imported_for_all_of_them() -> None:
    assert PRELOADED[0] == "govstack.engine.warm"
    code = (
        "import gc\nfrom govstack.engine import warm\nassert not gc.isenabled()\nwarm.begin()\n"
        "assert gc.isenabled() and gc.get_freeze_count()\n"
        "assert gc.get_threshold()[0] == warm.THRESHOLD"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
