"""The verb `configure`: what it shows and passes on."""

import json
from dataclasses import replace
from typing import Any

from govstack.operations.report_configure import ConfiguredHost, ConfigureReport, TaskReport
from govstack.values.observer import Level, Note, Outcome
from govstack.values.result import Result

CITY = {"site": "yunzhou", "name": "云州市政务云", "environment": "sandbox"}
BASTION = ConfiguredHost(
    name="yz-mgt-dsjj-bas-bastion-001",
    system="inf-bas",
    system_name="堡垒机系统",
    layer="infrastructure",
    outcome=Outcome.DONE,
    seconds=61.2,
    tasks=(
        TaskReport(role="base", task="Set the time zone"),
        TaskReport(role="firewall", task="Write the rules", diff="--- /etc/nft\n-old\n+new"),
    ),
)
FIRST = ConfiguredHost(
    name="yz-dat-dsjj-rdb-db-001",
    system="dat-rdb",
    system_name="关系数据库服务",
    layer="data-service",
    outcome=Outcome.FAILED,
    seconds=4.0,
    role="database",
    task="Start it",
    error="no space is left\non the device",
    hint="govstack ssh yz-dat-dsjj-rdb-db-001 -- sudo journalctl --no-pager --lines 50",
)
SECOND = ConfiguredHost(
    name="yz-dat-dsjj-rdb-db-002",
    system="dat-rdb",
    system_name="关系数据库服务",
    layer="data-service",
    outcome=Outcome.SKIPPED,
    error="another host of its system failed before its turn",
)
OFFICE = ConfiguredHost(
    name="yz-pub-szfb-oa-app-001",
    system="app-oa",
    system_name="协同办公",
    layer="application-support",
    outcome=Outcome.UNCHANGED,
)


def report(*hosts: ConfiguredHost, check: bool = False) -> ConfigureReport:
    return ConfigureReport(seconds=65.5, check=check, hosts=hosts, folder="/state/runs/1", **CITY)


def plain(host: ConfiguredHost) -> ConfiguredHost:
    return replace(host, tasks=tuple(replace(task, diff="") for task in host.tasks))


def test_hosts_are_shown_by_layer_and_failures_told(fake: Any, run: Any) -> None:
    notes = (Note("not configured yet: identity"), Note("2 hosts left out", Level.WARNING))
    result = Result(data=report(plain(BASTION), FIRST, SECOND, OFFICE), exit_code=6, notes=notes)
    fake("configure.configure", result)
    ran = run("configure")
    assert ran.exit_code == 6
    assert ran.out.splitlines() == [
        "云州市政务云 yunzhou · sandbox",
        "",
        "Infrastructure 基础设施层",
        "  ✓ yz-mgt-dsjj-bas-bastion-001  堡垒机系统      2 changed  1 min 1 s",
        "",
        "Data service 数据服务层",
        "  ✗ yz-dat-dsjj-rdb-db-001       关系数据库服务  failed     4.0 s",
        "  ○ yz-dat-dsjj-rdb-db-002       关系数据库服务  skipped",
        "",
        "Application support 应用支撑层",
        "  = yz-pub-szfb-oa-app-001       协同办公        unchanged",
        "",
        "4 hosts: 1 configured, 1 as they were left, 1 failed, 1 skipped · 2 changes  1 min 6 s",
    ]
    assert ran.err.splitlines() == [
        "note: not configured yet: identity",
        "warning: 2 hosts left out",
        "error: yz-dat-dsjj-rdb-db-001 database: Start it: no space is left",
        "       on the device",
        " hint: govstack ssh yz-dat-dsjj-rdb-db-001 -- sudo journalctl --no-pager --lines 50",
    ]


def test_differences_are_shown_below_their_tasks(fake: Any, run: Any) -> None:
    operation = fake("configure.configure", report(BASTION, check=True))
    ran = run("configure", "inf-bas", "--check", "--diff", "--no-wait")
    assert ran.out.splitlines() == [
        "云州市政务云 yunzhou · sandbox · nothing was changed",
        "",
        "Infrastructure 基础设施层",
        "  ✓ yz-mgt-dsjj-bas-bastion-001  堡垒机系统  2 would change  1 min 1 s",
        "      base: Set the time zone",
        "      firewall: Write the rules",
        "        --- /etc/nft",
        "        -old",
        "        +new",
        "",
        "1 host: 1 checked · 2 changes  1 min 6 s",
    ]
    (target, _, wish), options = operation.calls[0]
    assert not target.waits
    assert (wish.systems, wish.hosts, wish.roles) == (("inf-bas",), (), ())
    assert (wish.check, wish.diff, wish.everything) == (True, True, False)
    assert options["program"][1:3] == ("-m", "govstack_cli")


def test_every_task_is_shown_in_detail(fake: Any, run: Any) -> None:
    operation = fake("configure.configure", report(plain(BASTION)))
    words = ("--host", "a", "--host", "b", "--role", "time", "--all", "-v")
    out = run("configure", *words).out.splitlines()
    assert out[4:6] == ["      base: Set the time zone", "      firewall: Write the rules"]
    assert out[-1] == "  what was run, and what it did: /state/runs/1"
    wish = operation.calls[0][0][2]
    assert (wish.hosts, wish.roles, wish.everything) == (("a", "b"), ("time",), True)


def test_nothing_to_do_is_one_line(fake: Any, run: Any) -> None:
    fake("configure.configure", report(OFFICE))
    assert run("configure").out.splitlines() == [
        "✓ nothing to do: 1 host of 云州市政务云 (sandbox) as declared  1 min 6 s"
    ]


def test_json_has_all_of_it(fake: Any, run: Any) -> None:
    fake("configure.configure", Result(data=report(BASTION, FIRST), exit_code=6))
    document = json.loads(run("configure", "-o", "json").out)
    assert (document["verb"], document["ok"], document["exit_code"]) == ("configure", False, 6)
    assert document["error"] == {
        "code": "configure",
        "message": "yz-dat-dsjj-rdb-db-001 database: Start it: no space is left\non the device",
        "hint": FIRST.hint,
        "problems": [],
    }
    assert document["data"] == {
        **CITY,
        "seconds": 65.5,
        "check": False,
        "folder": "/state/runs/1",
        "confirmed": True,
        "hosts": document["data"]["hosts"],
    }
    assert document["data"]["hosts"][1] == {
        "name": "yz-dat-dsjj-rdb-db-001",
        "system": "dat-rdb",
        "system_name": "关系数据库服务",
        "layer": "data-service",
        "outcome": "failed",
        "seconds": 4.0,
        "tasks": [],
        "changes": [],
        "role": "database",
        "task": "Start it",
        "error": "no space is left\non the device",
        "hint": FIRST.hint,
    }
