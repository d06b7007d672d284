"""The verbs of `sandbox faults`: what they show and pass on."""

from dataclasses import replace
from typing import Any

from govstack.operations.faults_report import FaultReport, FaultsReport

REPORT = FaultsReport(
    site="yunzhou",
    environment="sandbox",
    cloud="running",
    seed=7,
    calls=1200,
    faults=(
        FaultReport(fault="429,share=0.5,seconds=2", struck=1),
        FaultReport(fault="drop", struck=34),
    ),
)
TEXT = """faults of the embedded cloud of yunzhou · sandbox: running
  429,share=0.5,seconds=2  struck 1 time
  drop                     struck 34 times
  seed 7, 1,200 calls so far

Where to look next
  see what it does  govstack up
  end it            govstack sandbox faults clear
"""


def test_they_are_listed(fake: Any, run: Any) -> None:
    operation = fake("faults.show", REPORT)
    assert run("sandbox", "faults", "list").out == TEXT
    assert len(operation.calls[0][0]) == 1


def test_they_are_told_as_data(fake: Any, run: Any) -> None:
    fake("faults.show", REPORT)
    out = run("sandbox", "faults", "list", "-o", "json").out
    assert '"fault": "429,share=0.5,seconds=2"' in out
    assert '"struck": 34' in out


def test_they_are_set(fake: Any, run: Any) -> None:
    operation = fake("faults.set_to", replace(REPORT, action="set"))
    ran = run("sandbox", "faults", "set", "429,seconds=2", "drop", "--seed", "7")
    head, rest = TEXT.split("\n", 1)
    assert ran.out == f"{head}\n✓ calls meet these faults from now on\n{rest}"
    assert operation.calls[0][0][1:] == (("429,seconds=2", "drop"), 7)


def test_they_are_cleared(fake: Any, run: Any) -> None:
    fake("faults.clear", replace(REPORT, action="cleared", faults=()))
    assert run("sandbox", "faults", "clear").out.endswith("✓ calls meet no faults any more\n")


def test_there_are_none(fake: Any, run: Any) -> None:
    fake("faults.show", replace(REPORT, faults=()))
    assert run("sandbox", "faults", "list").out.endswith("\n  no faults\n")


def test_something_is_to_be_set(run: Any) -> None:
    assert run("sandbox", "faults", "set").exit_code == 2


def test_the_status_of_the_sandbox_tells_of_them(fake: Any, run: Any, reports: Any) -> None:
    fake("sandbox.status", replace(reports.sandbox, faults=("429,share=0.5", "drop")))
    assert "  faults            429,share=0.5; drop\n" in run("sandbox", "status").out
