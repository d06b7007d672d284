"""A small city as reports, operations that are faked, and a way to run the program."""

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from govstack.operations.report import (
    Allocation,
    AllocationReport,
    NodeReport,
    OutputsReport,
    PlannedNetwork,
    PlannedNode,
    PlannedRule,
    PlannedSystem,
    PlanReport,
    RunReport,
    State,
    StatusReport,
    SystemOutputsReport,
    SystemReport,
    SystemStatus,
    ValidationReport,
)
from govstack.operations.report_machine import (
    Check,
    DoctorReport,
    SandboxReport,
    ServiceReport,
    Verdict,
)
from govstack.site.kinds import Layer
from govstack.values.change import Action, Change, Kind, Risk
from govstack.values.observer import (
    ChangeSeen,
    Event,
    Level,
    Note,
    Outcome,
    StepAdvanced,
    StepFinished,
    StepStarted,
)
from govstack.values.result import Result
from govstack_cli.main import main

CITY = {"site": "yunzhou", "name": "云州市政务云", "environment": "sandbox"}
BASTION = NodeReport(
    name="yz-mgt-dsjj-bas-bastion-001",
    role="bastion",
    zone="MGT",
    address="10.10.1.4",
    floating_ip="172.24.4.10",
)
DATABASES = tuple(
    NodeReport(
        name=f"yz-dat-dsjj-rdb-db-{number:03d}", role="db", zone="DAT", address=f"10.40.2.{number}"
    )
    for number in (4, 5)
)


def change(action: Action, system: str, kind: str, name: str, **more: Any) -> Change:
    return Change(
        kind=Kind.RESOURCE,
        action=action,
        layer="data-service",
        system=system,
        type=f"openstack:any/thing:{kind}",
        name=name,
        **more,
    )


def created(system: str, *nodes: NodeReport) -> tuple[Change, ...]:
    return tuple(
        change(Action.CREATE, system, kind, node.name)
        for node in nodes
        for kind in ("Port", "Instance")
    )


PLATFORM = SystemReport(
    id="platform",
    name="平台",
    layer=Layer.INFRASTRUCTURE,
    outcome=Outcome.UNCHANGED,
    resources=21,
)
BASTION_DONE = SystemReport(
    id="inf-bas",
    name="堡垒机系统",
    layer=Layer.INFRASTRUCTURE,
    outcome=Outcome.DONE,
    seconds=8.07,
    changes=created("inf-bas", BASTION),
    nodes=(BASTION,),
    resources=6,
)
DATABASE_DONE = SystemReport(
    id="dat-rdb",
    name="关系数据库服务",
    layer=Layer.DATA_SERVICE,
    outcome=Outcome.DONE,
    seconds=72.4,
    changes=(
        *created("dat-rdb", DATABASES[1]),
        change(
            Action.REPLACE,
            "dat-rdb",
            "Volume",
            "yz-dat-dsjj-rdb-db-004-data",
            cause=("size", "volume_type"),
            risk=Risk.DATA_LOSS,
        ),
        change(
            Action.UPDATE,
            "dat-rdb",
            "Port",
            "yz-dat-dsjj-rdb-db-004",
            cause=("security_groups",),
            risk=Risk.INTERRUPTION,
        ),
        change(Action.DELETE, "dat-rdb", "SecGroupRule", "yz-dat-rdb-db-old"),
    ),
    nodes=DATABASES,
    resources=14,
)
OFFICE = SystemReport(
    id="app-oa",
    name="协同办公OA系统",
    layer=Layer.APPLICATION_SUPPORT,
    outcome=Outcome.SKIPPED,
    error="not run: dat-rdb failed",
)


class Reports:
    """One report of each kind, as the operations would return them."""

    run = RunReport(
        verb="up",
        seconds=80.47,
        systems=(PLATFORM, BASTION_DONE, DATABASE_DONE),
        clouds="/state/yunzhou/sandbox-1/clouds.yaml",
        **CITY,
    )
    validation = ValidationReport(zones=4, tenants=1, systems=3, nodes=3, flows=9, **CITY)
    plan = PlanReport(
        systems=(
            PlannedSystem(
                id="inf-bas",
                name="堡垒机系统",
                layer=Layer.INFRASTRUCTURE,
                tenant="大数据局",
                mlps=3,
                project="yz-inf-bas",
                upstream=("platform",),
                networks=(PlannedNetwork(zone="MGT", cidr="10.10.1.0/28", provisional=False),),
                nodes=(
                    PlannedNode(
                        name=BASTION.name,
                        role="bastion",
                        zone="MGT",
                        address="10.10.1.4",
                        flavor="small",
                        image="linux",
                        provisional=True,
                    ),
                ),
                rules=(
                    PlannedRule(
                        role="bastion", remote="0.0.0.0/0", port="tcp/22", purpose="运维登录"
                    ),
                ),
                quota={"instances": 1, "cores": 1, "ram_mb": 2048, "volumes": 0},
            ),
        ),
        **CITY,
    )
    allocation = AllocationReport(
        site="yunzhou",
        path="inventories/yunzhou/addresses.yaml",
        added=(
            Allocation(place="core/10.10.1.0/28", holder="inf-bas@MGT"),
            Allocation(place="core/10.10.1.4", holder=BASTION.name),
        ),
        kept=12,
        written=True,
    )
    status = StatusReport(
        cloud="embedded cloud, running",
        clouds="/state/yunzhou/sandbox-1/clouds.yaml",
        systems=(
            SystemStatus(
                id="inf-bas",
                name="堡垒机系统",
                layer=Layer.INFRASTRUCTURE,
                state=State.UP,
                nodes=(BASTION,),
                resources=6,
                updated="2026-03-01T02:03:04+00:00",
            ),
            SystemStatus(
                id="dat-rdb",
                name="关系数据库服务",
                layer=Layer.DATA_SERVICE,
                state=State.PENDING,
                nodes=DATABASES,
                resources=14,
                updated="2026-03-01T02:04:04+00:00",
            ),
            SystemStatus(
                id="app-oa",
                name="协同办公OA系统",
                layer=Layer.APPLICATION_SUPPORT,
                state=State.ABSENT,
                nodes=(),
                resources=0,
                updated="",
            ),
        ),
        **CITY,
    )
    outputs = OutputsReport(
        systems=(
            SystemOutputsReport(
                id="inf-bas",
                name="堡垒机系统",
                values={
                    "networks": {"MGT": "5f0c"},
                    "floating_ips": {BASTION.name: "172.24.4.10"},
                    "endpoints": {"ssh": ["10.10.1.4:22", "10.10.1.5:22"]},
                },
            ),
        )
    )
    doctor = DoctorReport(
        checks=(
            Check(name="Python", verdict=Verdict.OK, found="3.11.9", purpose="runs govstack"),
            Check(
                name="disk",
                verdict=Verdict.WARNING,
                found="4 GB free",
                purpose="the embedded cloud needs 5 GB",
                mend="free 1 GB below ~/.cache",
            ),
            Check(
                name="go",
                verdict=Verdict.FAILED,
                found="missing",
                purpose="builds the engine",
                mend="install Go 1.24 or newer",
            ),
        )
    )
    sandbox = SandboxReport(
        site="yunzhou",
        environment="sandbox",
        state="running",
        auth_url="http://127.0.0.1:5000/v3",
        clouds="/state/cloud/clouds.yaml",
        cloud="govstack-sandbox",
        client="/cache/openstack/bin/openstack",
        root="/state/cloud",
        services=(
            ServiceReport(
                name="keystone", state="running", port=5000, pid=41, restarts=0, memory_mb=96
            ),
            ServiceReport(
                name="nova-compute", state="failed", port=0, pid=0, restarts=3, memory_mb=0
            ),
        ),
    )

    notes = (Note("it is so"), Note("take care", Level.WARNING))

    @staticmethod
    def result(data: Any, **more: Any) -> Result[Any]:
        return Result(data=data, **more)

    @property
    def dry(self) -> AllocationReport:
        return replace(self.allocation, written=False)

    @property
    def removed(self) -> RunReport:
        gone = (change(Action.DELETE, "dat-rdb", "Instance", node.name) for node in DATABASES)
        database = replace(DATABASE_DONE, changes=tuple(gone), nodes=())
        return replace(self.run, verb="down", systems=(database,))

    @property
    def preview(self) -> RunReport:
        return replace(self.run, verb="preview")

    @property
    def failed(self) -> RunReport:
        """A run in which the database failed, and what needs it was skipped."""
        database = replace(
            DATABASE_DONE,
            outcome=Outcome.FAILED,
            changes=(),
            nodes=(),
            error="Quota exceeded for cores: 2 asked, 1 left\nby the cloud's compute service",
            hint="raise the quota or remove something",
        )
        return replace(self.run, systems=(PLATFORM, BASTION_DONE, database, OFFICE))

    @property
    def unchanged(self) -> RunReport:
        systems = tuple(
            replace(system, outcome=Outcome.UNCHANGED, changes=(), seconds=0.0)
            for system in self.run.systems
        )
        return replace(self.run, systems=systems, seconds=0.42)


EVENTS: tuple[Event, ...] = (
    StepFinished("app-oa", Outcome.UNCHANGED, 0.0),
    StepStarted("inf-bas", "堡垒机系统"),
    ChangeSeen("inf-bas", change(Action.CREATE, "inf-bas", "Port", "yz-001")),
    StepAdvanced("inf-bas", "create Port yz-001", 1),
    StepAdvanced("inf-bas", "create Port yz-001", 1),
    StepFinished("inf-bas", Outcome.DONE, 8.07, "1 create"),
    StepStarted("dat-rdb-long", "数据库"),
    StepFinished("dat-rdb-long", Outcome.FAILED, 0.5, "Quota exceeded\nby much"),
    Note("take care", Level.WARNING),
)


@dataclass
class Operation:
    """A faked operation: it remembers its calls, and returns or raises what it was told to."""

    answer: Any
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)

    def __call__(self, *args: Any, **options: Any) -> Any:
        self.calls.append((args, options))
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer(*args, **options) if inspect.isfunction(self.answer) else self.answer


@dataclass(frozen=True)
class Ran:
    """What one run of the program gave."""

    exit_code: int
    out: str
    err: str


Fake = Callable[[str, Any], Operation]
Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one site, an environment without our variables, and homes of its own."""
    for name in ("NO_COLOR", "FORCE_COLOR", "XDG_STATE_HOME", "XDG_CACHE_HOME", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("SITE", "ENVIRONMENT", "OUTPUT", "QUIET", "VERBOSE", "COLOR"):
        monkeypatch.delenv(f"GOVSTACK_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TERM", "xterm-256color")
    folder = tmp_path / "work" / "inventories" / "yunzhou"
    folder.mkdir(parents=True)
    (folder / "site.yaml").write_text("format: 1\nid: yunzhou\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "work")
    return folder


@pytest.fixture
def events() -> tuple[Event, ...]:
    """What an observer is told of a run: one system as it was, one made, one failed."""
    return EVENTS


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Put an operation in the place of ``module.function``; a report stands for its result."""

    def place(name: str, answer: Any) -> Operation:
        module_name, _, function = f"govstack.operations.{name}".rpartition(".")
        plain = isinstance(answer, BaseException | Result | int) or callable(answer)
        operation = Operation(answer if plain else Result(data=answer))
        module = ModuleType(module_name)
        setattr(module, function, operation)
        monkeypatch.setitem(sys.modules, module_name, module)
        return operation

    return place


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the program in this process; `env` adds variables."""

    def call(*args: str, env: Mapping[str, str] | None = None) -> Ran:
        with monkeypatch.context() as patch:
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            exit_code = main(args)
        out, err = capsys.readouterr()
        return Ran(exit_code, out, err)

    return call
