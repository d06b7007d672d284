"""The verb `verify`, with its whole text and its whole JSON."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from govstack.operations.verify_report import (
    Finding,
    ListedProbe,
    Omitted,
    ProbeList,
    ProbeReport,
    Untried,
    VerifyChange,
    VerifyReport,
)
from govstack.operations.verify_wish import VerifyWish
from govstack.values.observer import Outcome
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
COPY = Finding(
    probe="database.copy",
    host="yz-dat-dsjj-rdb-db-002",
    subject="yz-dat-dsjj-rdb-db-001",
    expected="out 4f2a",
    seen="out empty",
    why="what the primary writes is read on the copy",
    hint="on yz-dat-dsjj-rdb-db-002: journalctl -u govstack-database",
)
TRIED = ProbeReport(
    probe="database.copy",
    title="what the primary writes is read on the copy",
    host="yz-dat-dsjj-rdb-db-002",
    server="yz-dat-dsjj-rdb-db-001",
    subject="",
    outcome=Outcome.FAILED,
    seconds=1.25,
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
ILL = replace(
    WELL,
    tried={"paths": 1120, "probes": 1},
    findings=(CLOSED, OPEN, COPY),
    unasked=("yz-int-zwfw-hal-web-002",),
    unconfigured=("yz-pub-szfb-oa-app-001",),
    omitted=(
        Omitted(
            role="resolver",
            hosts=("yz-dat-dsjj-rdb-db-001",),
            why="no flow leads it to a name server",
        ),
    ),
    probes=(TRIED,),
    untried=(
        Untried(
            probe="database.certificate",
            host="yz-pub-szfb-oa-app-001",
            server="yz-dat-dsjj-rdb-db-001",
            why="yz-pub-szfb-oa-app-001 is not configured",
        ),
    ),
)
LISTED = ProbeList(
    site="yunzhou",
    name="云州市政务云",
    environment="sandbox",
    probes=(
        ListedProbe(
            probe="database.copy",
            title="what the primary writes is read on the copy",
            asked_from="peer",
            hosts=2,
            disturbs=False,
        ),
        ListedProbe(
            probe="database.promotion",
            title="a copy that takes over has all data, and takes new ones",
            asked_from="peer",
            hosts=2,
            disturbs=True,
        ),
        ListedProbe(
            probe="time.clock",
            title="the clock is right",
            asked_from="self",
            hosts=6,
            disturbs=False,
        ),
    ),
)
CHANGE = VerifyChange(when="2026-03-01T02:03:04+00:00", appeared=(COPY,), mended=(CLOSED,), left=1)


def assert_same(name: str, text: str) -> None:
    if os.environ.get("GOVSTACK_UPDATE_DATA"):
        (DATA / name).write_text(text, encoding="utf-8")
    assert text == (DATA / name).read_text(encoding="utf-8")


def test_all_is_well_is_told_with_what_was_tried(fake: Any, run: Any) -> None:
    operation = fake("verify.verify", WELL)
    ran = run("verify", "app-oa", "--host", "yz-pub-szfb-oa-app-001", "--probe", "application")
    assert_same("verify.txt", ran.out)
    assert (ran.exit_code, ran.err) == (0, "")
    assert operation.calls[0][0][2] == VerifyWish(
        systems=("app-oa",), hosts=("yz-pub-szfb-oa-app-001",), probes=("application",)
    )


def test_each_finding_says_what_was_expected_and_what_to_do(fake: Any, run: Any) -> None:
    fake("verify.verify", Result(data=ILL, exit_code=8))
    ran = run("verify")
    assert_same("verify-findings.txt", ran.out)
    assert ran.exit_code == 8
    assert_same("verify-findings-all.txt", run("--verbose", "verify").out)
    assert_same("verify-findings.json", run("verify", "-o", "json").out)


def test_many_findings_are_counted_unless_all_are_wished(fake: Any, run: Any) -> None:
    fake("verify.verify", Result(data=replace(ILL, findings=(CLOSED,) * 25), exit_code=8))
    brief, whole = run("verify").out, run("--verbose", "verify").out
    assert brief.count("expected open") == 20
    assert "  and 5 more; --verbose shows all\n" in brief
    assert whole.count("expected open") == 25


def test_probes_are_listed_by_role(fake: Any, run: Any) -> None:
    fake("verify_list.list_probes", LISTED)
    ran = run("verify", "--list")
    assert_same("verify-list.txt", ran.out)
    assert ran.exit_code == 0


def test_while_watching_changes_alone_are_told(fake: Any, run: Any) -> None:
    fake("verify.verify", WELL)
    trouble = replace(CHANGE, appeared=(), mended=(), trouble="the inventory would not be true")

    def told(*_: Any, **__: Any) -> Any:
        yield Result(data=CHANGE, exit_code=8)
        yield Result(data=trouble, exit_code=8)
        yield Result(data=replace(CHANGE, appeared=(), mended=(COPY,), left=0))
        raise KeyboardInterrupt

    fake("verify_watch.changes", told)
    ran = run("verify", "--watch", "30")
    assert_same("verify-watch.txt", ran.out)
    assert ran.exit_code == 0


@pytest.mark.parametrize("words", [("--watch", "0"), ("--watch", "5", "--disturb")])
def test_what_cannot_be_watched_is_refused(fake: Any, run: Any, words: tuple[str, ...]) -> None:
    operation = fake("verify.verify", WELL)
    assert run("verify", *words).exit_code == 2
    assert operation.calls == []
