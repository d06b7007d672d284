"""New passwords: written down, then given to the cloud by the stacks they belong to."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from govstack.engine.job import StackResult, Verb
from govstack.errors import ChangesPending, UnknownSelection
from govstack.operations import passwords as module
from govstack.operations.passwords import renew
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.state.secrets import known_passwords
from govstack.values.observer import Silent


@pytest.fixture
def target(yunzhou: Path, tmp_path: Path) -> Target:
    return Target(
        root=yunzhou,
        environment="sandbox",
        state_home=tmp_path / "state",
        cache_home=tmp_path / "cache",
    )


@pytest.fixture
def ran(
    target: Target, leave: Callable[[Session], None], monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, ...]]:
    """Which stacks were run, at a site of which all had been run."""
    session = open_session(target)
    leave(session)
    found: list[tuple[str, ...]] = []

    class Stacks:
        def __init__(self, _context: Any) -> None:
            pass

        def __enter__(self) -> "Stacks":  # noqa: PYI034
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def converge(self, plans: Any, verb: Verb) -> Mapping[str, StackResult]:
            assert verb is Verb.UPDATE
            found.append(tuple(plan.id for plan in plans))
            return {plan.id: StackResult(system=plan.id) for plan in plans}

    monkeypatch.setattr(module, "Stacks", Stacks)
    monkeypatch.setattr(module, "open_cloud", lambda run: run)
    return found


def known(target: Target) -> dict[str, str]:
    places = open_session(target).places
    return {key: password.reveal() for key, password in known_passwords(places).items()}


def test_all_passwords_are_made_anew(target: Target, ran: list[tuple[str, ...]]) -> None:
    before = known(target)
    renew(target, Silent())
    after = known(target)
    assert before.keys() == after.keys()
    assert [key for key in before if after[key] == before[key]] == []
    session = open_session(target)
    assert ran == [tuple(plan.id for plan in session.plan.stacks)]


def test_those_of_a_system_alone(target: Target, ran: list[tuple[str, ...]]) -> None:
    before = known(target)
    renew(target, Silent(), systems=("app-oa",))
    after = known(target)
    system = next(one for one in open_session(target).plan.systems if one.id == "app-oa")
    mine = {system.project.user, *(each.key for each in system.credentials)}
    assert {key for key in before if after[key] != before[key]} == mine
    assert ran == [("platform", "app-oa")]


def test_not_while_there_are_changes(target: Target, ran: list[tuple[str, ...]]) -> None:
    """More than passwords would change, and nothing may be half made."""
    file = target.root / "systems" / "app-oa.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("count: 1", "count: 2"), "utf-8")
    before = known(target)
    with pytest.raises(ChangesPending, match=r"not applied: .*app-oa") as caught:
        renew(target, Silent())
    assert caught.value.hint == "first: govstack up"
    assert (known(target), ran) == (before, [])


def test_an_unknown_system_changes_nothing(target: Target, ran: list[tuple[str, ...]]) -> None:
    before = known(target)
    with pytest.raises(UnknownSelection):
        renew(target, Silent(), systems=("app-oe",))
    assert (known(target), ran) == (before, [])
