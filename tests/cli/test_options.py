"""Global options: before or after the verb, from variables, and what they change."""

from pathlib import Path
from typing import Any

import pytest

from govstack_cli.settings import cache_home, state_home


@pytest.mark.parametrize(
    "args",
    [
        ("-e", "test", "status"),
        ("status", "-e", "test"),
        ("--environment", "other", "status", "--environment=test"),
    ],
)
def test_options_work_before_and_after_the_verb(
    args: tuple[str, ...], fake: Any, run: Any, reports: Any
) -> None:
    operation = fake("status.status", reports.status)
    assert run(*args).exit_code == 0
    assert operation.calls[0][0][0].environment == "test"


@pytest.mark.parametrize(
    "args",
    [
        ("-s", "x", "sandbox", "status"),
        ("sandbox", "-s", "x", "status"),
        ("sandbox", "status", "-s", "x"),
    ],
)
def test_options_work_around_a_verb_of_a_verb(
    args: tuple[str, ...], fake: Any, run: Any, reports: Any, tmp_path: Path
) -> None:
    other = tmp_path / "work" / "x"
    other.mkdir()
    (other / "site.yaml").touch()
    operation = fake("sandbox.status", reports.sandbox)
    assert run(*args).exit_code == 0
    assert operation.calls[0][0][0].root == Path("x")


def test_variables_stand_for_options_and_yield_to_them(fake: Any, run: Any, reports: Any) -> None:
    operation = fake("status.status", reports.status)
    env = {"GOVSTACK_ENVIRONMENT": "test", "GOVSTACK_OUTPUT": "json"}
    assert run("status", env=env).out.startswith("{")
    assert not run("-e", "production", "status", "-o", "text", env=env).out.startswith("{")
    environments = [args[0].environment for args, _ in operation.calls]
    assert environments == ["test", "production"]


def test_a_verbs_own_option_has_a_variable_of_its_own(fake: Any, run: Any, reports: Any) -> None:
    operation = fake("allocate.allocate", reports.dry)
    run("allocate", env={"GOVSTACK_ALLOCATE_DRY_RUN": "1"})
    assert operation.calls[0][1] == {"write": False}


def test_homes_follow_our_variables_then_xdg_then_the_home() -> None:
    env = {"GOVSTACK_STATE_HOME": "/own", "XDG_STATE_HOME": "/xdg", "XDG_CACHE_HOME": "/cache"}
    assert state_home(env) == Path("/own")
    assert state_home({"XDG_STATE_HOME": "/xdg"}) == Path("/xdg/govstack")
    assert cache_home(env) == Path("/cache/govstack")
    assert state_home({"XDG_STATE_HOME": "relative"}) == Path.home() / ".local/state/govstack"
    assert cache_home({}) == Path.home() / ".cache/govstack"
    assert state_home({"GOVSTACK_STATE_HOME": "~/s"}) == Path.home() / "s"


def test_color_is_as_chosen(fake: Any, run: Any, reports: Any) -> None:
    fake("up.up", reports.unchanged)
    plain = run("up", "--yes").out
    colored = run("up", "--yes", "--color", "always").out
    assert "\x1b" not in plain
    assert colored.startswith("\x1b[32m✓\x1b[0m nothing to do")
    assert run("up", "--yes", env={"FORCE_COLOR": "1"}).out == colored
    assert run("up", "--yes", env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).out == plain
    assert run("up", "--yes", "--color=always", env={"NO_COLOR": "1"}).out == colored


def test_quiet_leaves_out_what_to_do_next(fake: Any, run: Any, reports: Any) -> None:
    fake("up.up", reports.run)
    assert "Where to look next" in run("up", "--yes").out
    assert "Where to look next" not in run("up", "--yes", "--quiet").out


def test_hints_repeat_which_environment_it_was(fake: Any, run: Any, reports: Any) -> None:
    fake("up.up", reports.run)
    out = run("up", "--yes", "-e", "test", "-s", "inventories/yunzhou").out
    assert "govstack -s inventories/yunzhou -e test status\n" in out


def test_version(run: Any) -> None:
    assert run("--version").out == "govstack 0.1.0\n"
