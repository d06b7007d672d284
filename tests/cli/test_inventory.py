"""The verb `inventory`, with its whole output as kept in data/, and what it refuses.

`GOVSTACK_UPDATE_DATA=1 pytest tests/cli` writes them anew, for a reviewer to read as a diff.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from govstack.errors import InventoryStale

DATA = Path(__file__).parent / "data"
OFFICE = "yz-pub-szfb-oa-app-001"
NEVER = "".join(
    f"warning: {system} was never run\n"
    for system in ("inf-bas", "inf-log", "dat-rdb", "app-oa", "app-hal")
)


def assert_same(name: str, text: str) -> None:
    if os.environ.get("GOVSTACK_UPDATE_DATA"):
        (DATA / name).write_text(text, encoding="utf-8")
    assert text == (DATA / name).read_text(encoding="utf-8")


@pytest.fixture
def ask(yunzhou: Path, run: Any) -> Any:
    """Run the real verb on the small city, whose systems were never run."""

    def call(*words: str, stale: bool = True) -> Any:
        more = ("--allow-stale",) if stale else ()
        return run("--site", str(yunzhou), "inventory", *words, *more)

    return call


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ((), "inventory.txt"),
        (("-v",), "inventory-verbose.txt"),
        (("--format", "yaml"), "inventory.yaml"),
        (("-o", "json"), "inventory.json"),
        (("--list",), "inventory-list.json"),
        (("--list", "-o", "json"), "inventory-list.json"),
    ],
)
def test_the_whole_city_is_as_kept(words: tuple[str, ...], name: str, ask: Any) -> None:
    ran = ask(*words)
    assert_same(name, ran.out)
    assert (ran.exit_code, ran.err) == (0, "" if name == "inventory.json" else NEVER)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("app-oa",), "inventory-system.txt"),
        ((OFFICE,), "inventory-host.txt"),
        (("--host", OFFICE), "inventory-host.json"),
        (("app-oa", "--format", "yaml"), "inventory-system.yaml"),
    ],
)
def test_a_part_is_as_kept(words: tuple[str, ...], name: str, ask: Any) -> None:
    ran = ask(*words)
    assert_same(name, ran.out)
    assert (ran.exit_code, ran.err) == (0, "warning: app-oa was never run\n")


def test_the_script_protocol_is_answered_in_one_line_of_json(ask: Any) -> None:
    listed = ask("--list").out
    assert listed.count("\n") == 1
    document = json.loads(listed)
    hosts = document["_meta"]["hostvars"]
    assert sorted(document["environment_sandbox"]["hosts"]) == sorted(hosts)
    for name, variables in hosts.items():
        assert json.loads(ask("--host", name).out) == variables


def test_what_may_not_be_true_is_refused(ask: Any) -> None:
    ran = ask(stale=False)
    assert (ran.exit_code, ran.out) == (10, "")
    assert ran.err == (
        "error: the inventory would not be true: inf-bas was never run; inf-log was never run; "
        "dat-rdb was never run; and 2 more\n"
        " hint: govstack up makes it true; --allow-stale takes it as it is\n"
    )
    for words in (("--list",), ("--host", OFFICE), ("--write",), ("--format", "yaml")):
        refused = ask(*words, stale=False)
        assert (refused.exit_code, refused.out) == (10, "")


def test_it_is_refused_as_json_too(ask: Any) -> None:
    ran = ask("app-oa", "-o", "json", stale=False)
    assert json.loads(ran.out)["error"] == {
        "code": "inventory",
        "message": "the inventory would not be true: app-oa was never run",
        "hint": "govstack up makes it true; --allow-stale takes it as it is",
        "problems": [],
    }


def test_few_reasons_are_told_in_full() -> None:
    assert str(InventoryStale(("a", "b", "c"))) == "the inventory would not be true: a; b; c"


def test_files_are_written(ask: Any, yunzhou: Path) -> None:
    ran = ask("--write", "-q")
    folder = yunzhou / "generated" / "sandbox"
    names = ("inventory.yaml", "inventory.sh", "govstack.yml")
    assert (ran.exit_code, ran.err) == (0, NEVER)
    assert ran.out == "".join(f"✓ {folder / name} · 6 hosts\n" for name in names)
    heading = "# Written by `govstack inventory --write`: changes are lost.\n"
    kept = (DATA / "inventory.yaml").read_text(encoding="utf-8")
    assert (folder / "inventory.yaml").read_text(encoding="utf-8") == heading + kept
    data = json.loads(ask("--write", "-o", "json").out)["data"]
    assert data == {"hosts": 6, "paths": [str(folder / name) for name in names]}


def test_up_writes_the_files_anew_where_they_are(
    ask: Any, run: Any, fake: Any, reports: Any, yunzhou: Path
) -> None:
    ask("--write")
    fake("up.up", reports.unchanged)
    ran = run("--site", str(yunzhou), "up", "--yes")
    assert ran.exit_code == 0
    path = yunzhou / "generated" / "sandbox" / "inventory.yaml"
    said = " ".join(ran.err.split())
    assert said.startswith(f"warning: {path} was not written anew: the inventory would not be true")


@pytest.mark.parametrize(
    "words",
    [
        ("--list", "--host", OFFICE),
        ("--list", "app-oa"),
        ("--host", OFFICE, "app-oa"),
        ("--write", "--format", "yaml"),
        ("--write", "--list"),
    ],
)
def test_what_cannot_be_together_is_refused(words: tuple[str, ...], ask: Any) -> None:
    ran = ask(*words)
    assert (ran.exit_code, ran.out) == (2, "")
    assert "--list, --host and --write exclude each other" in ran.err


def test_an_unknown_host_is_refused_with_what_was_meant(ask: Any) -> None:
    ran = ask("--host", "yz-pub-szfb-oa-app-002")
    assert (ran.exit_code, ran.out) == (2, "")
    assert ran.err == (
        "error: there is no host 'yz-pub-szfb-oa-app-002'\n"
        " hint: did you mean yz-pub-szfb-oa-app-001?\n"
    )
    ran = ask("app-ao")
    assert (ran.exit_code, ran.out) == (2, "")
    assert ran.err.startswith("error: there is no system or host 'app-ao'\n hint: did you mean")
