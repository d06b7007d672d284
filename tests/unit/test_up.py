"""`up` from servers to services: which step follows which, and what it is told."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from govstack.operations import up as operations
from govstack.operations.report import RunReport, SystemReport
from govstack.operations.report_configure import ConfiguredHost, ConfigureReport
from govstack.operations.report_up import UpReport
from govstack.operations.target import Target
from govstack.operations.verify_report import FOUND_EXIT, VerifyReport
from govstack.operations.verify_wish import VerifyWish
from govstack.operations.wish import Wish
from govstack.site.kinds import Layer
from govstack.values.change import Action, Change, Kind
from govstack.values.observer import Note, Outcome, Silent
from govstack.values.result import Result

PLACE: dict[str, Any] = {"site": "yunzhou", "name": "云州", "environment": "sandbox", "seconds": 1}
CHANGE = Change(
    kind=Kind.RESOURCE,
    action=Action.CREATE,
    layer="data-service",
    system="dat-rdb",
    type="server",
    name="db-001",
)


@dataclass
class Steps:
    """What the steps answer, and what they were asked."""

    has_changes: bool = True
    confirmed: bool = True
    codes: dict[str, int] = field(default_factory=dict)
    outcome: Outcome = Outcome.DONE
    agreed: bool = True
    has_hosts: bool = True
    done: list[str] = field(default_factory=list)
    wish: Wish = field(default_factory=Wish)
    proof: VerifyWish = field(default_factory=VerifyWish)

    def up(self, *_: Any, **__: Any) -> Result[RunReport]:
        system = SystemReport(
            id="dat-rdb",
            name="数据库",
            layer=Layer.DATA_SERVICE,
            outcome=Outcome.DONE,
            changes=(CHANGE,) if self.has_changes else (),
        )
        data = RunReport(verb="up", systems=(system,), confirmed=self.confirmed, **PLACE)
        return self._told("up", data)

    def configure(self, _target: Any, _observer: Any, wish: Wish, **_: Any) -> Any:
        self.wish = wish
        host = ConfiguredHost(
            name="db-001", system="dat-rdb", system_name="", layer="", outcome=self.outcome
        )
        data = ConfigureReport(check=False, hosts=(host,), confirmed=self.agreed, **PLACE)
        return self._told("configure", data)

    def verify(self, _target: Any, _observer: Any, wish: VerifyWish, **_: Any) -> Any:
        self.proof = wish
        data = VerifyReport(hosts=1, tried={"paths": 2}, findings=(), **PLACE)
        return self._told("verify", data)

    def _told(self, step: str, data: Any) -> Result[Any]:
        self.done.append(step)
        notes = (Note("of all"), Note(f"of {step}"))
        return Result(data=data, exit_code=self.codes.get(step, 0), notes=notes)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    made = Steps()
    monkeypatch.setattr(operations, "provision", made.up)
    monkeypatch.setattr(operations, "configure", made.configure)
    monkeypatch.setattr(operations, "verify", made.verify)
    monkeypatch.setattr(operations, "has_hosts", lambda _: made.has_hosts)
    return made


@pytest.fixture
def run(yunzhou: Path, steps: Steps) -> Any:
    del steps
    home = yunzhou.parent / "home"
    target = Target(root=yunzhou, environment="sandbox", state_home=home, cache_home=home)

    def run(**choices: Any) -> Result[UpReport]:
        return operations.up(target, Silent(), **choices)

    return run


def test_cloud_then_hosts_then_proof(run: Any, steps: Steps) -> None:
    result = run()
    assert steps.done == ["up", "configure", "verify"]
    assert result.exit_code == 0
    assert result.data.configured.hosts[0].name == "db-001"
    assert result.data.verified.tried == {"paths": 2}
    texts = [note.text for note in result.notes]
    assert texts == ["of all", "of up", "of configure", "of verify"]
    assert (steps.wish.systems, steps.wish.asks, steps.wish.everything) == ((), False, False)
    assert steps.proof == VerifyWish()


def test_where_nothing_was_done_nothing_is_proven(run: Any, steps: Steps) -> None:
    steps.has_changes, steps.outcome = False, Outcome.UNCHANGED
    assert run().data.verified is None
    assert steps.done == ["up", "configure"]


def test_hosts_that_were_changed_are_proven_though_the_cloud_is_as_it_was(
    run: Any, steps: Steps
) -> None:
    steps.has_changes = False
    assert run().data.verified is not None


@pytest.mark.parametrize(
    ("case", "choices"),
    [
        ({}, {"cloud_only": True}),
        ({"has_hosts": False}, {}),
        ({"confirmed": False}, {}),
        ({"codes": {"up": 5}}, {}),
    ],
)
def test_hosts_are_left_alone(
    run: Any, steps: Steps, case: dict[str, Any], choices: dict[str, Any]
) -> None:
    for name, value in case.items():
        setattr(steps, name, value)
    result = run(**choices)
    assert steps.done == ["up"]
    assert result.exit_code == steps.codes.get("up", 0)
    assert (result.data.configured, result.data.verified) == (None, None)


@pytest.mark.parametrize(("step", "code"), [("configure", 6), ("verify", FOUND_EXIT)])
def test_the_first_that_fails_is_the_last_that_is_done(
    run: Any, steps: Steps, step: str, code: int
) -> None:
    steps.codes = {step: code}
    assert run().exit_code == code
    assert steps.done[-1] == step


def test_with_named_systems_those_that_serve_them_are_configured_too(
    run: Any, steps: Steps
) -> None:
    run(systems=("app-oa",), everything=True)
    assert {"app-oa", "dat-rdb"} <= set(steps.wish.systems)
    assert "platform" not in steps.wish.systems
    assert "app-hal" not in steps.wish.systems
    assert steps.wish.everything
    assert steps.proof == VerifyWish(systems=("app-oa",))


def test_the_user_is_asked_once(run: Any, steps: Steps) -> None:
    def agree(_: tuple[str, ...]) -> bool:
        return True

    run(confirm=lambda _: True, agree=agree)
    assert steps.wish.agree is None
    steps.has_changes = False
    run(confirm=lambda _: True, agree=agree)
    assert steps.wish.agree is agree
    steps.agreed = False
    steps.done.clear()
    run(confirm=lambda _: True, agree=agree)
    assert steps.done == ["up", "configure"]
