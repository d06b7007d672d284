"""What failed in passing is run again within the same run, and nothing else is."""

from types import SimpleNamespace
from typing import Any

import pytest

from govstack.engine.failures import explain, passes
from govstack.engine.job import StackResult
from govstack.errors import CloudUnreachable
from govstack.operations.again import ROUNDS, finish, finish_removal
from govstack.site.model import Limits
from govstack.values.change import Action, Change, Kind
from govstack.values.observer import Event, Note

LOST = "a: no answer to POST http://c/ports (request req-1, tried once): EOF"
BUSY = "a: busy (409 to POST http://c/x; request req-1, tried 5 times in 4s)"
QUOTA = "a: Quota exceeded (409 to POST http://c/x; request req-1, tried once)"
BAD = "a: no such flavor (400 to POST http://c/x; request req-1, tried once)"
DOWN = "a: down (503 to GET http://c/x; request req-1, tried 9 times in 2m, until patience ended)"
FAULT = "a: unexpected state 'ERROR', wanted target 'ACTIVE'; nova's fault: none (code 500)"
STUCK = "a: timeout while waiting for state to become 'ACTIVE' (last state: 'PENDING_UPDATE')"


class Listener:
    def __init__(self) -> None:
        self.notes: list[str] = []

    def notify(self, event: Event) -> None:
        if isinstance(event, Note):
            self.notes.append(event.text)


class Stacks:
    """Stacks whose rounds end as they are told."""

    def __init__(self, *rounds: dict[str, StackResult]) -> None:
        self.rounds = list(rounds)
        self.taken_up = 0
        self.fails = False
        self.looked_at: list[list[str]] = []
        self.removed: list[list[str]] = []

    def take_up(self, _plans: object, removed: dict[str, object], *_: object) -> None:
        if self.fails:
            raise CloudUnreachable("the cloud could not be looked at")
        self.taken_up += 1
        self.looked_at.append(sorted(removed))

    def converge(self, *_: object) -> dict[str, StackResult]:
        return self.rounds.pop(0) if len(self.rounds) > 1 else self.rounds[0]

    def remove(self, records: dict[str, object], _: object) -> dict[str, StackResult]:
        self.removed.append(sorted(records))
        return self.converge()


def change(name: str) -> Change:
    return Change(
        kind=Kind.RESOURCE, action=Action.CREATE, layer="l", system="a", type="t", name=name
    )


def failed(name: str = "", *, passing: bool = True) -> StackResult:
    made = (change(name),) if name else ()
    return StackResult(system="a", error="e", passing=passing, changes=made)


def done(name: str = "") -> StackResult:
    return StackResult(system="a", changes=(change(name),) if name else (), unchanged=not name)


def begun() -> tuple[Any, Listener]:
    listener = Listener()
    environment = SimpleNamespace(limits=Limits())
    session = SimpleNamespace(plan=SimpleNamespace(environment=environment))
    return SimpleNamespace(session=session, observer=listener, before=()), listener


def run(stacks: Stacks, first: StackResult) -> tuple[StackResult, list[str]]:
    made, listener = begun()
    passed: Any = stacks
    return finish(made, passed, (), {"a": first})["a"], listener.notes


def test_what_failed_in_passing_is_run_again_until_it_is_done() -> None:
    stacks = Stacks({"a": failed("y")}, {"a": done("z")})
    result, notes = run(stacks, failed("x"))
    assert [each.name for each in result.changes] == ["x", "y", "z"]
    assert not result.error
    assert not result.unchanged
    assert stacks.taken_up == 2
    assert notes == ["the cloud is in trouble; trying again: a"] * 2


@pytest.mark.parametrize("first", [done(), failed(passing=False)])
def test_nothing_else_is_run_again(first: StackResult) -> None:
    stacks = Stacks({"a": done()})
    assert run(stacks, first) == (first, [])
    assert stacks.taken_up == 0


def test_a_round_that_got_no_further_is_the_last() -> None:
    stacks = Stacks({"a": failed()})
    assert run(stacks, failed("x"))[0].error == "e"
    assert stacks.taken_up == 1


def test_there_are_only_so_many_rounds() -> None:
    stacks = Stacks({"a": failed("y")})
    run(stacks, failed("x"))
    assert stacks.taken_up == ROUNDS


def test_a_cloud_that_cannot_be_looked_at_keeps_what_was_reported() -> None:
    stacks = Stacks({"a": done("y")})
    stacks.fails = True
    result, notes = run(stacks, failed("x"))
    assert result == failed("x")
    assert notes[-1] == "the cloud could not be looked at"


def test_what_could_not_be_removed_in_passing_is_removed_again_and_nothing_else() -> None:
    made, listener = begun()
    skipped = StackResult(system="c", error="not run: a failed", skipped=True)
    first = {"a": failed("x"), "b": done("y"), "c": skipped}
    stacks: Any = Stacks({"a": failed("z"), "c": skipped}, {"a": done("v"), "c": done("w")})
    records: Any = dict.fromkeys("abc")
    results = finish_removal(made, stacks, records, first)
    assert not any(each.error for each in results.values())
    assert {key: [each.name for each in one.changes] for key, one in results.items()} == {
        "a": ["x", "z", "v"],
        "b": ["y"],
        "c": ["w"],
    }
    assert stacks.looked_at == stacks.removed == [["a", "c"], ["a", "c"]]
    assert listener.notes == ["the cloud is in trouble; trying again: a"] * 2


@pytest.mark.parametrize(
    ("error", "passing"),
    [(LOST, True), (BUSY, True), (QUOTA, False), (BAD, False), (DOWN, False), (FAULT, False)],
)
def test_what_may_pass(error: str, passing: bool) -> None:  # noqa: FBT001 - a parameter
    assert passes([error]) is passing
    assert passes([LOST, error]) is passing


def test_what_was_not_told_does_not_pass() -> None:
    assert not passes([])


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (DOWN, "ask the cloud's operator about the request"),
        (LOST, "ask the cloud's operator about the request"),
        (FAULT, "see why from the fault"),
        (STUCK, "ask the cloud's operator what it is waiting for"),
        (BAD, ""),
    ],
)
def test_the_next_step(error: str, hint: str) -> None:
    text, said = explain("", [error])
    assert text == error
    assert said.startswith(hint)
    assert bool(said) is bool(hint)
