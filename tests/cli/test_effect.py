"""How far a run may go, asked twice where data go for good; rebuild, and explain --why."""

import io
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from govstack.operations.latitude import Latitude
from govstack.operations.reports_effect import (
    RebuildReport,
    RebuiltNode,
    Stand,
    SystemReason,
    WhyReport,
)
from govstack.site.kinds import Layer
from govstack.values.observer import Outcome

DATA = Path(__file__).parent / "data"
CITY = {"site": "yunzhou", "name": "云州市政务云", "environment": "sandbox"}
NAMES = tuple(f"yz-dat-dsjj-rdb-db-{number:03d}" for number in (1, 2, 3, 4))
ENDED = (Outcome.UNCHANGED, Outcome.DONE, Outcome.FAILED, Outcome.SKIPPED)


def node(name: str, outcome: Outcome) -> RebuiltNode:
    failed = outcome is Outcome.FAILED
    return RebuiltNode(
        id="dat-rdb",
        name=name,
        born="linux-2fce97fe",
        declared="linux-afd878e2",
        outcome=outcome,
        seconds=4.2 if outcome in {Outcome.DONE, Outcome.FAILED} else 0.0,
        error="it did not become active again: no host" if failed else "",
        hint="look at it" if failed else "",
    )


REBUILD = RebuildReport(
    seconds=12.6,
    nodes=tuple(node(name, outcome) for name, outcome in zip(NAMES, ENDED, strict=True)),
    **CITY,
)
WHY = WhyReport(
    systems=(
        SystemReason(
            id="platform",
            name="平台",
            layer=Layer.INFRASTRUCTURE,
            stand=Stand.CHANGED,
            parts=("projects.dat-rdb", "code", "sdk.pulumi"),
            updated="2026-03-01T02:03:04+00:00",
        ),
        SystemReason(
            id="dat-rdb",
            name="关系数据库服务",
            layer=Layer.DATA_SERVICE,
            stand=Stand.TOUCHED,
            parts=(),
            updated="2026-03-01T02:03:04+00:00",
        ),
        SystemReason(
            id="app-oa",
            name="协同办公OA系统",
            layer=Layer.APPLICATION_SUPPORT,
            stand=Stand.NEVER_RUN,
            parts=(),
            updated="",
        ),
    ),
    unchanged=3,
    **CITY,
)


def assert_same(name: str, text: str) -> None:
    if os.environ.get("GOVSTACK_UPDATE_DATA"):
        (DATA / name).write_text(text, encoding="utf-8")
    assert text == (DATA / name).read_text(encoding="utf-8")


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let someone sit at a terminal and type this."""

    def typed(text: str) -> None:
        monkeypatch.setattr("govstack_cli.app.can_ask", lambda: True)
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    return typed


def test_how_far_up_may_go_is_passed_on(fake: Any, run: Any, reports: Any) -> None:
    operation = fake("up.up", reports.unchanged)
    run("up", "--yes", "--with-dependencies", "--allow-delete", "7", "app-oa")
    ((_, options),) = operation.calls
    assert options["latitude"] == Latitude(with_dependencies=True, allow_delete=7)
    assert run("up", "--yes", "--allow-delete", "-1").exit_code == 2


@pytest.mark.parametrize(
    "case",
    [
        ("y\ndat-rdb\n", ("dat-rdb",), "gone"),
        ("y\n dat-rdb \n", ("dat-rdb",), "gone"),
        ("y\nsandbox\n", (), "gone"),
        ("y\nsandbox\n", ("dat-rdb", "app-oa"), "gone"),
        ("y\ny\n", ("dat-rdb",), "kept"),
        ("y\n\n", ("dat-rdb",), "kept"),
        ("n\n", ("dat-rdb",), "kept"),
    ],
)
def test_data_go_only_after_two_answers(
    case: tuple[str, tuple[str, ...], str], fake: Any, run: Any, reports: Any, answer: Any
) -> None:
    typed, systems, end = case

    def down(*_: Any, confirm: Any, **__: Any) -> Any:
        return reports.result(replace(reports.removed, confirmed=confirm(reports.removed)))

    operation = fake("down.down", down)
    answer(typed)
    ran = run("down", "--destroy-data", *systems)
    assert operation.calls[0][1]["destroy_data"]
    declined = ran.out == "nothing was changed, as you wished\n"
    assert (ran.exit_code, declined) == (0, end == "kept")
    if typed.startswith("y"):
        name = systems[0] if len(systems) == 1 else "sandbox"
        assert ran.err.endswith(
            "Remove them from 云州市政务云 (sandbox)? [y/N] "
            f"All data in it will be gone for good.\nType {name} to go on: "
        )


def test_unasked_data_go_with_a_yes(fake: Any, run: Any, reports: Any) -> None:
    operation = fake("down.down", reports.removed)
    run("down", "--destroy-data", "--yes", "dat-rdb")
    ((_, options),) = operation.calls
    assert options == {"systems": ("dat-rdb",), "destroy_data": True, "confirm": None}


def test_rebuild_is_as_kept(fake: Any, run: Any, reports: Any, site: Path) -> None:
    operation = fake("rebuild.rebuild", reports.result(REBUILD, exit_code=5))
    ran = run("rebuild", "--yes", "--max-unavailable", "2", "dat-rdb")
    assert_same("rebuild.txt", ran.out)
    assert (ran.exit_code, ran.err) == (
        5,
        f"error: dat-rdb {NAMES[2]}: it did not become active again: no host\n hint: look at it\n",
    )
    ((args, options),) = operation.calls
    assert (args[0].root, args[2]) == (site, ("dat-rdb",))
    assert options == {"max_unavailable": 2, "confirm": None}
    assert_same("rebuild.json", run("rebuild", "-y", "dat-rdb", "-o", "json").out)


def test_rebuild_of_nothing_says_so(fake: Any, run: Any) -> None:
    fake("rebuild.rebuild", replace(REBUILD, nodes=()))
    assert run("rebuild", "--yes", "dat-rdb").out == (
        "✓ nothing to do: all nodes of 云州市政务云 (sandbox) that were named were born from "
        "what is declared\n"
    )


def test_rebuild_asks(fake: Any, run: Any, reports: Any, answer: Any) -> None:
    def rebuild(*_: Any, confirm: Any, **__: Any) -> Any:
        return reports.result(replace(REBUILD, nodes=(), confirmed=confirm(REBUILD)))

    fake("rebuild.rebuild", rebuild)
    answer("n\n")
    ran = run("rebuild", "dat-rdb")
    assert_same("rebuild-question.txt", ran.err + "\n")
    assert ran.out == "nothing was changed, as you wished\n"


def test_rebuild_takes_a_yes_without_a_terminal(fake: Any, run: Any) -> None:
    operation = fake("rebuild.rebuild", AssertionError())
    ran = run("rebuild", "dat-rdb")
    assert (ran.exit_code, operation.calls) == (2, [])
    assert "give --yes, or see first which nodes differ with govstack status" in ran.err


def test_why_is_as_kept(fake: Any, run: Any) -> None:
    operation = fake("why.why", WHY)
    assert_same("why.txt", run("explain", "--why").out)
    assert_same("why.json", run("explain", "--why", "-o", "json").out)
    assert [args[1] for args, _ in operation.calls] == ["", ""]


def test_why_of_one_system(fake: Any, run: Any) -> None:
    operation = fake("why.why", replace(WHY, systems=(), unchanged=1))
    assert run("explain", "--why", "systems.app-oa").out == (
        "云州市政务云 yunzhou · sandbox\n  nothing is different: 1 system as last run\n"
    )
    assert operation.calls[0][0][1] == "app-oa"
