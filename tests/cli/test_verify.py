"""The verb `verify`, with its whole text and its whole JSON."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from govstack.operations.verify_report import Finding, VerifyReport
from govstack.values.result import Result

DATA = Path(__file__).parent / "data"
CLOSED = Finding(
    probe="paths",
    host="yz-pub-szfb-oa-app-001",
    subject="yz-dat-dsjj-rdb-db-001 10.40.0.10 tcp/5432",
    expected="open",
    seen="no answer",
    why="协同办公 reads and writes its records",
    hint="does yz-dat-dsjj-rdb-db-001 run? govstack ssh yz-dat-dsjj-rdb-db-001",
)
OPEN = Finding(
    probe="paths",
    host="yz-int-zwfw-hal-web-001",
    subject="yz-dat-dsjj-rdb-db-001 10.40.0.10 tcp/22",
    expected="closed",
    seen="answered",
    why="no flow and no use of the site opens it",
    hint="somebody opened it by hand: govstack up --all puts the rules back",
)
WELL = VerifyReport(
    site="yunzhou",
    name="云州市政务云",
    environment="sandbox",
    seconds=11.2,
    hosts=6,
    tried={"paths": 1120},
    findings=(),
)
ILL = replace(WELL, findings=(CLOSED, OPEN), unasked=("yz-int-zwfw-hal-web-002",))


def assert_same(name: str, text: str) -> None:
    if os.environ.get("GOVSTACK_UPDATE_DATA"):
        (DATA / name).write_text(text, encoding="utf-8")
    assert text == (DATA / name).read_text(encoding="utf-8")


def test_all_is_well_is_told_with_what_was_tried(fake: Any, run: Any) -> None:
    operation = fake("verify.verify", WELL)
    ran = run("verify", "yz-pub-szfb-oa-app-001")
    assert_same("verify.txt", ran.out)
    assert (ran.exit_code, ran.err) == (0, "")
    assert operation.calls[0][1]["hosts"] == ("yz-pub-szfb-oa-app-001",)


def test_each_finding_says_what_was_expected_and_what_to_do(fake: Any, run: Any) -> None:
    fake("verify.verify", Result(data=ILL, exit_code=8))
    ran = run("verify")
    assert_same("verify-findings.txt", ran.out)
    assert ran.exit_code == 8
    assert_same("verify-findings.json", run("verify", "-o", "json").out)


def test_many_findings_are_counted_unless_all_are_wished(fake: Any, run: Any) -> None:
    fake("verify.verify", Result(data=replace(ILL, findings=(CLOSED,) * 25), exit_code=8))
    brief, whole = run("verify").out, run("--verbose", "verify").out
    assert brief.count("expected open") == 20
    assert "  and 5 more; --verbose shows all\n" in brief
    assert whole.count("expected open") == 25
