"""The verb `moved`, with its whole text, its whole JSON, and its question."""

import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from govstack.operations.reports_site import FileMove, MoveReport
from govstack.site.kinds import Layer
from govstack_cli.commands.moved import command

DATA = Path(__file__).parent / "data"
REPORT = MoveReport(
    site="yunzhou",
    name="云州市政务云",
    root="inventories/yunzhou",
    old="app-oa",
    new="app-office",
    birth="app-oa",
    layer="",
    files=(
        FileMove(
            path="systems/app-hal.yaml",
            new_path="systems/app-hal.yaml",
            diff=(
                "--- systems/app-hal.yaml",
                "+++ systems/app-hal.yaml",
                "@@ -20,2 +20,2 @@",
                " uses:",
                "-  - app-oa.https # 转办",
                "+  - app-office.https # 转办",
            ),
        ),
        FileMove(
            path="systems/app-oa.yaml",
            new_path="systems/app-office.yaml",
            diff=(
                "--- systems/app-oa.yaml",
                "+++ systems/app-office.yaml",
                "@@ -1,2 +1,3 @@",
                "-id: app-oa",
                "+id: app-office",
                "+renamed_from: app-oa",
                " name: 协同办公",
            ),
        ),
    ),
    written=True,
)


def assert_same(name: str, text: str) -> None:
    if os.environ.get("GOVSTACK_UPDATE_DATA"):
        (DATA / name).write_text(text, encoding="utf-8")
    assert text == (DATA / name).read_text(encoding="utf-8")


def replaced(report: MoveReport, **more: Any) -> MoveReport:
    from dataclasses import replace  # noqa: PLC0415

    return replace(report, **more)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let someone sit at a terminal and type this."""

    def typed(text: str) -> None:
        monkeypatch.setattr("govstack_cli.ask.can_ask", lambda: True)
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    return typed


def test_text_and_json_are_as_kept(fake: Any, run: Any, site: Path) -> None:
    operation = fake("moved.moved", REPORT)
    ran = run("moved", "app-oa", "app-office", "--yes")
    assert_same("moved.txt", ran.out)
    assert (ran.exit_code, ran.err) == (0, "")
    ((args, options),) = operation.calls
    assert (args[0].root, args[1:]) == (site, ("app-oa", "app-office"))
    assert options == {"layer": "", "write": True, "confirm": None}
    assert_same("moved.json", run("moved", "app-oa", "app-office", "-y", "-o", "json").out)


def test_a_dry_run_shows_the_difference(fake: Any, run: Any) -> None:
    operation = fake("moved.moved", replaced(REPORT, written=False))
    ran = run("moved", "app-oa", "app-office", "--dry-run")
    assert_same("moved-dry.txt", ran.out)
    assert (ran.exit_code, ran.err) == (0, "")
    assert operation.calls[0][1]["write"] is False


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({}, "✓ app-oa is now app-office: 2 files of 云州市政务云"),
        (
            {"layer": "data-service"},
            "✓ app-oa is now app-office, in data-service: 2 files of 云州市政务云",
        ),
        (
            {"new": "app-oa", "layer": "data-service"},
            "✓ app-oa is now in data-service: 2 files of 云州市政务云",
        ),
    ],
)
def test_what_was_done_is_said_first(fake: Any, run: Any, more: Any, line: str) -> None:
    fake("moved.moved", replaced(REPORT, **more))
    assert run("moved", "app-oa", "app-office", "--yes").out.splitlines()[0] == line


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("y\n", (0, "✓ app-oa is now app-office: 1 file", "")),
        ("\n", (0, "nothing was changed, as you wished\n", "")),
        ("", (130, "", "\nerror: stopped by the user\n")),
    ],
)
def test_it_asks_before_it_writes(
    typed: str, expected: tuple[int, str, str], yunzhou: Path, run: Any, answer: Any
) -> None:
    exit_code, out, end = expected
    (yunzhou / "systems" / "app-hal.yaml").unlink()
    (yunzhou / "site.yaml").write_text(
        (yunzhou / "site.yaml").read_text("utf-8").replace("to: app-hal", "to: inf-bas"), "utf-8"
    )
    answer(typed)
    ran = run("-s", str(yunzhou), "moved", "app-oa", "app-office")
    assert (ran.exit_code, ran.out[: len(out)]) == (exit_code, out)
    assert ran.err == (
        "systems/app-oa.yaml -> systems/app-office.yaml\n"
        "  @@ -1,3 +1,4 @@\n"
        "   # yaml-language-server: $schema=../../../../../docs/schema/system.json\n"
        "  -id: app-oa\n"
        "  +id: app-office\n"
        "  +renamed_from: app-oa\n"
        "   name: 协同办公\n"
        "\n"
        f"Make these changes to 云州市政务云? [y/N] {end}"
    )
    assert (yunzhou / "systems" / "app-office.yaml").exists() == (typed == "y\n")


def test_without_a_terminal_it_takes_a_yes(fake: Any, run: Any) -> None:
    operation = fake("moved.moved", AssertionError())
    ran = run("moved", "app-oa", "app-office")
    assert (ran.exit_code, ran.out, operation.calls) == (2, "", [])
    assert ran.err == (
        "error: there is no terminal to ask on: give --yes, or see first what would change with "
        "--dry-run\n"
        " hint: see govstack moved --help\n"
    )


def test_the_layers_to_choose_from_are_those_of_the_site() -> None:
    (layer,) = (param for param in command.params if param.name == "layer")
    assert list(getattr(layer.type, "choices", ())) == list(Layer)


def test_it_is_called_as_the_real_operation_wants(yunzhou: Path, run: Any) -> None:
    ran = run("-s", str(yunzhou), "moved", "dat-rdb", "dat-sql", "--layer", "infrastructure", "-y")
    assert (ran.exit_code, ran.err) == (0, "")
    assert run("-s", str(yunzhou), "validate").exit_code == 0
