"""`govstack up` on a terminal, with an operation that only tells of itself."""

import itertools
import sys
import time
from dataclasses import replace
from types import ModuleType
from typing import Any

from govstack.operations.report import RunReport, SystemReport
from govstack.site.kinds import Layer
from govstack.values.change import Action, Change, Kind
from govstack.values.observer import (
    ChangeSeen,
    Note,
    Outcome,
    StepAdvanced,
    StepFinished,
    StepStarted,
)
from govstack.values.result import Result
from govstack_cli.main import main

NAMES = {"inf-bas": "堡垒机系统", "dat-rdb": "关系数据库服务", "app-oa": "协同办公OA系统"}
PAUSE = float(sys.argv.pop(1))


def change(system: str, number: int) -> Change:
    return Change(
        kind=Kind.RESOURCE,
        action=Action.CREATE,
        layer="infrastructure",
        system=system,
        type="openstack:networking/port:Port",
        name=f"yz-mgt-dsjj-{system}-a-very-long-name-for-a-node-{number:03d}",
    )


def work(notify: Any) -> None:
    for system, name in NAMES.items():
        notify(StepStarted(system, name))
    for number, system in itertools.product(range(1, 6), NAMES):
        made = change(system, number)
        notify(ChangeSeen(system, made))
        notify(StepAdvanced(system, f"create Port {made.name}", number))
        time.sleep(PAUSE)
    notify(Note("the image was already there"))
    for system in NAMES:
        notify(StepFinished(system, Outcome.DONE, 8.1, "5 create"))
        time.sleep(PAUSE)


def report() -> RunReport:
    systems = tuple(
        SystemReport(
            id=system,
            name=name,
            layer=Layer.INFRASTRUCTURE,
            outcome=Outcome.DONE,
            seconds=8.1,
            changes=tuple(change(system, number) for number in range(1, 6)),
        )
        for system, name in NAMES.items()
    )
    return RunReport(
        verb="up",
        site="yunzhou",
        name="云州市政务云",
        environment="sandbox",
        seconds=24.3,
        systems=systems,
    )


def up(_target: Any, observer: Any, *, confirm: Any, **_: Any) -> Result[RunReport]:
    work(observer.notify)
    if confirm is None:
        return Result(data=report())
    if not confirm(report()):
        return Result(data=replace(report(), confirmed=False))
    work(observer.notify)
    return Result(data=report())


module = ModuleType("govstack.operations.up")
module.up = up  # type: ignore[attr-defined]
sys.modules["govstack.operations.up"] = module
sys.exit(main())
