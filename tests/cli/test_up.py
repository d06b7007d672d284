"""The verb `up` where servers are hosts: the cloud, then what is on them, then the proof."""

import json
from dataclasses import replace
from typing import Any

import pytest

from govstack.operations.report_configure import ConfiguredHost, ConfigureReport, TaskReport
from govstack.operations.report_up import UpReport
from govstack.operations.verify_report import FOUND_EXIT, Finding, VerifyReport
from govstack.values.observer import Outcome
from govstack.values.result import Result

CITY: dict[str, Any] = {"site": "yunzhou", "name": "云州市政务云", "environment": "sandbox"}
BASTION = ConfiguredHost(
    name="yz-mgt-dsjj-bas-bastion-001",
    system="inf-bas",
    system_name="堡垒机系统",
    layer="infrastructure",
    outcome=Outcome.DONE,
    seconds=61.2,
    tasks=(TaskReport(role="base", task="Set the time zone"),),
)
HOSTS = ConfigureReport(check=False, seconds=65.5, hosts=(BASTION,), folder="/runs/1", **CITY)
PROOF = VerifyReport(seconds=11.2, hosts=1, tried={"paths": 40}, findings=(), **CITY)
FOUND = Finding(
    probe="paths",
    host=BASTION.name,
    subject="yz-dat-dsjj-rdb-db-001 10.40.0.20 tcp/5432",
    expected="closed",
    seen="answered",
)
HOST_LINES = [
    "云州市政务云 yunzhou · sandbox",
    "",
    "Infrastructure 基础设施层",
    "  ✓ yz-mgt-dsjj-bas-bastion-001  堡垒机系统  1 changed  1 min 1 s",
    "",
    "1 host: 1 configured · 1 change  1 min 6 s",
]
PROOF_LINES = [
    "云州市政务云 yunzhou · sandbox · verified",
    "",
    "✓ all is as the site says: 40 paths tried from 1 host in 11 s",
]


def test_all_steps_are_shown_one_after_another(fake: Any, run: Any, reports: Any) -> None:
    cloud = UpReport.of(reports.run)
    fake("up.up", cloud)
    alone = run("up", "--yes").out
    fake("up.up", replace(cloud, configured=HOSTS, verified=PROOF))
    ran = run("up", "--yes")
    made, _, commands = alone.rpartition("\n\n")
    parts = (made, "\n".join(HOST_LINES), "\n".join(PROOF_LINES), commands)
    assert ran.out == "\n\n".join(parts)
    assert (ran.exit_code, ran.err) == (0, "")


def test_hosts_alone_were_changed(fake: Any, run: Any, reports: Any) -> None:
    cloud = UpReport.of(reports.unchanged)
    fake("up.up", replace(cloud, configured=HOSTS, verified=PROOF))
    first, *rest = run("up", "--yes").out.splitlines()
    assert first.startswith("✓ nothing to do: ")
    assert rest == [*HOST_LINES, "", *PROOF_LINES]


def test_a_host_that_failed_is_the_error(fake: Any, run: Any, reports: Any) -> None:
    bad = replace(
        BASTION,
        outcome=Outcome.FAILED,
        role="base",
        task="Set the time zone",
        error="no space",
        hint="look there",
    )
    data = replace(UpReport.of(reports.run), configured=replace(HOSTS, hosts=(bad,)))
    fake("up.up", Result(data=data, exit_code=6))
    ran = run("up", "--yes")
    assert ran.exit_code == 6
    assert ran.err.splitlines() == [
        f"error: {BASTION.name} base: Set the time zone: no space",
        " hint: look there",
    ]
    answer = json.loads(run("up", "--yes", "--output", "json").out)
    assert (answer["ok"], answer["error"]["code"]) == (False, "configure")
    assert answer["data"]["configured"]["hosts"][0]["error"] == "no space"


def test_json_holds_all_steps(fake: Any, run: Any, reports: Any) -> None:
    found = replace(PROOF, findings=(FOUND,))
    data = replace(UpReport.of(reports.run), configured=HOSTS, verified=found)
    fake("up.up", Result(data=data, exit_code=FOUND_EXIT))
    ran = run("up", "--yes", "--output", "json")
    answer = json.loads(ran.out)
    assert ran.exit_code == answer["exit_code"] == FOUND_EXIT
    assert [system["id"] for system in answer["data"]["systems"]][-1] == "dat-rdb"
    assert answer["data"]["configured"]["hosts"][0]["name"] == BASTION.name
    assert answer["data"]["verified"]["findings"][0]["expected"] == "closed"


def test_hosts_are_asked_about_where_the_cloud_is_as_declared(
    fake: Any, run: Any, reports: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def operation(*_: Any, agree: Any, **__: Any) -> Any:
        agreed = agree((BASTION.name,))
        hosts = replace(HOSTS, hosts=(), confirmed=agreed)
        return Result(data=replace(UpReport.of(reports.unchanged), configured=hosts))

    monkeypatch.setattr("govstack_cli.app.can_ask", lambda: True)
    monkeypatch.setattr("click.confirm", lambda text, **_: bool(asked.append(text)))
    fake("up.up", operation)
    ran = run("up")
    assert asked == ["The cloud is as declared. Configure 1 of its hosts?"]
    assert ran.err == f"  {BASTION.name}\n\n"
    assert ran.out.splitlines()[1:] == ["nothing was changed, as you wished"]
