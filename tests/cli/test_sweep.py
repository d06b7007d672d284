"""The verb `sweep`, with its whole text, its whole JSON, and its question."""

import io
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from govstack.operations.sweep_report import Fate, SweepReport, SweptThing
from govstack.values.result import Result

DATA = Path(__file__).parent / "data"
PORT = SweptThing(
    kind="port",
    name="yz-dat-dsjj-rdb-db-001",
    id="6848094e-188a-46fc-993b-e67b40905186",
    project="yz-dat-rdb",
)
VOLUME = SweptThing(
    kind="volume",
    name="yz-dat-dsjj-rdb-db-001-data",
    id="e7379b61-f07f-449a-9c72-12ef9c973bf9",
    project="yz-dat-rdb",
    fate=Fate.KEPT,
    reason="it may hold data, and the environment is not disposable",
)
FOUND = SweepReport(
    site="yunzhou", name="云州市政务云", environment="production", things=(PORT, VOLUME)
)
DONE = replace(FOUND, things=(replace(PORT, fate=Fate.REMOVED), VOLUME))


def assert_same(name: str, text: str) -> None:
    if os.environ.get("GOVSTACK_UPDATE_DATA"):
        (DATA / name).write_text(text, encoding="utf-8")
    assert text == (DATA / name).read_text(encoding="utf-8")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Have an operation that asks before it goes on, and someone who types this answer."""

    def typed(text: str) -> None:
        def operation(*_: object, confirm: Any, **__: object) -> Result[SweepReport]:
            agreed = confirm(FOUND)
            return Result(data=DONE if agreed else replace(FOUND, confirmed=False))

        monkeypatch.setattr("govstack.operations.sweep.sweep", operation)
        monkeypatch.setattr("govstack_cli.ask.can_ask", lambda: True)
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    return typed


def test_a_check_lists_what_was_found_and_tells_by_its_exit_code(fake: Any, run: Any) -> None:
    found = Result(data=replace(FOUND, checked=True), exit_code=8)
    operation = fake("sweep.sweep", found)
    ran = run("sweep", "--check")
    assert_same("sweep-check.txt", ran.out)
    assert (ran.exit_code, ran.err) == (8, "")
    assert operation.calls[0][1] == {"check": True, "confirm": None}
    assert_same("sweep-check.json", run("sweep", "--check", "-o", "json").out)


def test_what_became_of_each_thing_is_told(fake: Any, run: Any) -> None:
    operation = fake("sweep.sweep", DONE)
    ran = run("sweep", "--yes")
    assert_same("sweep.txt", ran.out)
    assert (ran.exit_code, ran.err) == (0, "")
    assert operation.calls[0][1] == {"check": False, "confirm": None}


def test_nothing_to_sweep_is_one_line(fake: Any, run: Any) -> None:
    fake("sweep.sweep", replace(FOUND, things=()))
    line = "✓ the state knows all of 云州市政务云 (production) that is in the cloud\n"
    assert run("sweep", "--yes").out == line


@pytest.mark.parametrize(
    ("typed", "exit_code", "line"),
    [
        ("y\n", 0, "2 things: 1 removed, 1 kept"),
        ("\n", 0, "nothing was changed, as you wished"),
        ("", 130, ""),
    ],
)
def test_it_asks_before_it_removes(
    typed: str, exit_code: int, line: str, run: Any, asked: Any
) -> None:
    asked(typed)
    ran = run("sweep")
    assert ran.exit_code == exit_code
    assert ran.out.rstrip("\n").rsplit("\n", 1)[-1] == line
    assert "found  port" in ran.err
    assert "Remove them from the cloud?" in ran.err


def test_it_wants_to_be_told_where_nobody_can_be_asked(fake: Any, run: Any) -> None:
    operation = fake("sweep.sweep", FOUND)
    ran = run("sweep")
    assert (ran.exit_code, operation.calls) == (2, [])
    assert "give --yes to remove what is found, or --check only to look" in ran.err
