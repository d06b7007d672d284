"""Every verb, with its whole text and its whole JSON as kept in data/.

`GOVSTACK_UPDATE_DATA=1 pytest tests/cli` writes them anew, for a reviewer to read as a diff.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from govstack.operations.latitude import Latitude
from govstack.values.observer import Outcome, StepAdvanced, StepFinished, StepStarted

DATA = Path(__file__).parent / "data"


class Case(NamedTuple):
    """A verb with the operation it calls, what that gives, and what it must be called with."""

    args: tuple[str, ...]
    operation: str
    answer: Callable[[Any], Any]
    options: dict[str, Any]


def report(name: str) -> Callable[[Any], Any]:
    return lambda reports: getattr(reports, name)


SCHEMA = {"title": "site", "properties": {"name": {"description": "云的名称"}}}

UP: dict[str, Any] = {
    "systems": (),
    "everything": False,
    "cloud_only": False,
    "latitude": Latitude(),
    "confirm": None,
    "agree": None,
}

CASES = {
    "validate": Case(("validate",), "validate.validate", report("validation"), {}),
    "plan": Case(("plan",), "plan.plan", report("plan"), {"systems": ()}),
    "plan-verbose": Case(
        ("plan", "-v", "inf-bas"), "plan.plan", report("plan"), {"systems": ("inf-bas",)}
    ),
    "allocate": Case(("allocate",), "allocate.allocate", report("allocation"), {"write": True}),
    "preview": Case(
        ("preview", "dat-rdb"),
        "preview.preview",
        report("preview"),
        {"systems": ("dat-rdb",), "everything": False},
    ),
    "up": Case(
        ("up", "--yes", "--all"),
        "up.up",
        report("run"),
        UP | {"everything": True},
    ),
    "up-unchanged": Case(
        ("up", "--yes"),
        "up.up",
        report("unchanged"),
        UP,
    ),
    "down": Case(
        ("down", "--yes", "dat-rdb"),
        "down.down",
        report("removed"),
        {"systems": ("dat-rdb",), "destroy_data": False, "confirm": None},
    ),
    "status": Case(("status",), "status.status", report("status"), {}),
    "outputs": Case(("outputs", "inf-bas"), "outputs.outputs", report("outputs"), {}),
    "sandbox-status": Case(("sandbox", "status"), "sandbox.status", report("sandbox"), {}),
    "sandbox-start": Case(("sandbox", "start"), "sandbox.start", report("sandbox"), {}),
    "sandbox-logs": Case(
        ("sandbox", "logs", "-n", "2", "nova"),
        "sandbox.logs",
        lambda _: lambda *_args, **_options: iter(("one\n", "二")),
        {"lines": 2, "follow": False},
    ),
    "schema": Case(("schema", "site"), "schema.schema", lambda _: SCHEMA, {}),
}


def assert_same(name: str, text: str) -> None:
    if os.environ.get("GOVSTACK_UPDATE_DATA"):
        (DATA / name).write_text(text, encoding="utf-8")
    assert text == (DATA / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_text_is_as_kept(name: str, fake: Any, run: Any, reports: Any, site: Path) -> None:
    case = CASES[name]
    operation = fake(case.operation, case.answer(reports))
    ran = run(*case.args)
    assert_same(f"{name}.txt", ran.out)
    assert (ran.exit_code, ran.err) == (0, "")
    ((args, options),) = operation.calls
    options.pop("program", None)
    assert options == case.options
    if name != "schema":
        assert (args[0].root, args[0].environment) == (site, "sandbox")


@pytest.mark.parametrize("name", CASES)
def test_json_is_as_kept(name: str, fake: Any, run: Any, reports: Any) -> None:
    case = CASES[name]
    fake(case.operation, case.answer(reports))
    ran = run("--output", "json", *(word for word in case.args if word != "-v"))
    assert_same(f"{name}.json", ran.out)
    assert (ran.exit_code, ran.err) == (0, "")


@pytest.mark.parametrize("words", [("stop",), ("reset", "--yes"), ("remove", "--yes")])
def test_sandbox_verbs_that_change_are_told_of_progress(
    words: tuple[str, ...], fake: Any, run: Any, reports: Any
) -> None:
    operation = fake(f"sandbox.{words[0]}", reports.sandbox)
    ran = run("sandbox", *words)
    assert ran.out == (DATA / "sandbox-start.txt").read_text(encoding="utf-8")
    ((args, _),) = operation.calls
    assert len(args) == 2


@pytest.mark.parametrize("verb", ["reset", "remove"])
def test_what_is_in_the_sandbox_does_not_go_unasked(
    verb: str, fake: Any, run: Any, reports: Any
) -> None:
    operation = fake(f"sandbox.{verb}", reports.sandbox)
    ran = run("sandbox", verb)
    assert (ran.exit_code, operation.calls) == (2, [])
    assert "give --yes, if all that is in it may go" in ran.err


def test_failed_systems_are_shown_with_hints(fake: Any, run: Any, reports: Any) -> None:
    fake("up.up", reports.result(reports.failed, exit_code=5))
    ran = run("up", "--yes")
    assert ran.exit_code == 5
    assert_same("up-failed.txt", ran.out)
    assert ran.err == (
        "error: dat-rdb 关系数据库服务: Quota exceeded for cores: 2 asked, 1 left\n"
        "       by the cloud's compute service\n"
        " hint: raise the quota or remove something\n"
    )


def test_failed_systems_are_an_error_in_json(fake: Any, run: Any, reports: Any) -> None:
    fake("up.up", reports.result(reports.failed, exit_code=5))
    ran = run("up", "--yes", "-o", "json")
    assert_same("up-failed.json", ran.out)
    assert (ran.exit_code, ran.err) == (5, "")


def test_doctor_fails_with_the_operations_exit_code(fake: Any, run: Any, reports: Any) -> None:
    fake("doctor.doctor", reports.result(reports.doctor, exit_code=5))
    ran = run("doctor")
    assert_same("doctor.txt", ran.out)
    assert (ran.exit_code, ran.err) == (5, "")


def test_doctor_works_without_a_site(
    fake: Any, run: Any, reports: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    operation = fake("doctor.doctor", reports.doctor)
    run("doctor", env={"XDG_CACHE_HOME": "/c", "GOVSTACK_STATE_HOME": "/s"})
    ((args, options),) = operation.calls
    assert args[0] is None
    assert options == {"cache_home": Path("/c/govstack"), "state_home": Path("/s")}


def test_doctor_does_not_pass_over_a_site_that_was_named(fake: Any, run: Any) -> None:
    operation = fake("doctor.doctor", AssertionError())
    ran = run("doctor", "-s", "nowhere")
    assert (ran.exit_code, operation.calls) == (3, [])


def test_allocate_can_only_tell(fake: Any, run: Any, reports: Any) -> None:
    operation = fake("allocate.allocate", reports.dry)
    ran = run("allocate", "--dry-run")
    assert ran.out.splitlines()[-1] == (
        "2 rows would be added to inventories/yunzhou/addresses.yaml, 12 kept"
    )
    assert operation.calls[0][1] == {"write": False}


@pytest.mark.parametrize(("kind", "exit_code"), [("preview", 8), ("unchanged", 0)])
def test_preview_tells_of_changes_by_its_exit_code(
    kind: str, exit_code: int, fake: Any, run: Any, reports: Any
) -> None:
    fake("preview.preview", getattr(reports, kind))
    assert run("preview").exit_code == 0
    assert run("preview", "--exit-code").exit_code == exit_code


def test_preview_that_failed_is_no_change(fake: Any, run: Any, reports: Any) -> None:
    fake("preview.preview", reports.result(reports.failed, exit_code=5))
    assert run("preview", "--exit-code").exit_code == 5


@pytest.mark.parametrize("verb", ["up", "down"])
def test_without_a_terminal_it_takes_a_yes(verb: str, fake: Any, run: Any) -> None:
    operation = fake(f"{verb}.{verb}", AssertionError())
    ran = run(verb)
    assert (ran.exit_code, ran.out) == (2, "")
    assert ran.err == (
        "error: there is no terminal to ask on whether to go on: give --yes, "
        "or see first what would happen with govstack preview\n"
        f" hint: see govstack {verb} --help\n"
    )
    assert operation.calls == []


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ((), 2),
        (("--verbose",), 3),
        (("--quiet",), 0),
        (("-o", "json"), 0),
        (("-o", "json", "-v"), 3),
    ],
)
def test_progress_goes_to_stderr(
    options: tuple[str, ...], lines: int, fake: Any, run: Any, reports: Any
) -> None:
    def up(_target: Any, observer: Any, **_: Any) -> Any:
        observer.notify(StepStarted("inf-bas", "堡垒机系统"))
        observer.notify(StepAdvanced("inf-bas", "create Port yz-001", 1))
        observer.notify(StepFinished("inf-bas", Outcome.DONE, 8.1, "1 create"))
        return reports.result(reports.unchanged)

    fake("up.up", up)
    ran = run("up", "--yes", *options)
    assert len(ran.err.splitlines()) == lines
    assert "\x1b" not in ran.err


def test_pulumi_gets_all_after_the_dashes(fake: Any, run: Any) -> None:
    operation = fake("pulumi.run", 7)
    ran = run("pulumi", "-q", "infrastructure/platform", "--", "stack", "-o", "json", "--help")
    assert (ran.exit_code, ran.out, ran.err) == (7, "", "")
    ((args, _),) = operation.calls
    assert args[2:] == ("infrastructure/platform", ("stack", "-o", "json", "--help"))


def test_endless_logs_are_no_json(run: Any) -> None:
    ran = run("sandbox", "logs", "-f", "-o", "json")
    assert ran.exit_code == 2
    assert '"message": "--follow has no end, so it cannot be one JSON document"' in ran.out


def test_notes_go_to_stderr(fake: Any, run: Any, reports: Any) -> None:
    fake("validate.validate", reports.result(reports.validation, notes=reports.notes))
    ran = run("validate")
    assert ran.err == "note: it is so\nwarning: take care\n"
    assert run("validate", "--quiet").err == "warning: take care\n"


def test_notes_are_part_of_the_json(fake: Any, run: Any, reports: Any) -> None:
    fake("validate.validate", reports.result(reports.validation, notes=reports.notes))
    ran = run("validate", "-o", "json")
    assert_same("validate-notes.json", ran.out)
    assert ran.err == ""
