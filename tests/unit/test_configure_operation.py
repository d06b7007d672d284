"""The verb `configure`: which hosts it runs, which it only asks, and what it refuses."""

import dataclasses
import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import pytest

from govstack import sandbox
from govstack.configure.model import Did, Ended, Job, Message, TaskDone
from govstack.errors import InventoryStale, UnknownSelection
from govstack.operations import configure as operations
from govstack.operations import host_plans
from govstack.operations.host_runs import KEPT_RUNS
from govstack.operations.report_configure import ConfigureReport
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.operations.wish import Wish
from govstack.plan.model import SystemPlan
from govstack.state.hosts import Configured, read_configured, write_configured
from govstack.state.records import read_records, write_record
from govstack.values.observer import Silent
from govstack.values.result import Result

BASTION = "yz-mgt-dsjj-bas-bastion-001"
LOGS = "yz-mgt-dsjj-log-collector-001"
DATABASE = "yz-dat-dsjj-rdb-db-001"
COPY = "yz-dat-dsjj-rdb-db-002"
OFFICE = "yz-pub-szfb-oa-app-001"
HALL = "yz-int-zwfw-hal-web-001"
ORDER = [BASTION, LOGS, DATABASE, COPY, OFFICE, HALL]
Tell = Callable[[Message], None]


class City:
    """The small city, with an Ansible and an ssh that are told what to say."""

    def __init__(self, root: Path, leave: Callable[[Session], None]) -> None:
        home = root.parent / "home"
        self.target = Target(root=root, environment="sandbox", state_home=home, cache_home=home)
        self.leave = leave
        self.jobs: list[Job] = []
        self.bad: set[str] = set()
        self.told: dict[str, tuple[str, str]] = {}
        self.unknown: dict[str, str] = {}
        self.met: list[str] = []
        self.up()

    def up(self) -> None:
        """Be as a run of all systems leaves it."""
        session = open_session(self.target)
        self.places = session.places
        self.leave(session)
        for system in session.plan.systems:
            assert isinstance(system, SystemPlan)
            record = read_records(self.places)[system.id]
            nodes = {node.name: f"id of {node.name}" for node in system.nodes}
            outputs = {"networks": {}, "nodes": nodes, "floating_ips": {}, "endpoints": {}}
            record = dataclasses.replace(record, outputs=outputs, updated="2026-03-01T02:03:04")
            write_record(self.places, record)

    def configure(self, **wish: Any) -> Result[ConfigureReport]:
        self.jobs.clear()
        return operations.configure(self.target, Silent(), Wish(**wish))

    def ran(self, **wish: Any) -> list[list[str]]:
        """Return which hosts were run, by batch."""
        self.configure(**wish)
        return [list(job.hosts) for job in self.jobs]

    def run(self, job: Job, tell: Tell) -> Ended:
        self.jobs.append(job)
        for name in self.bad & set(job.hosts):
            tell(TaskDone(host=name, role="base", task="Write", did=Did.FAILED, told="no space"))
        if "govstack_configured" in job.playbook.read_text(encoding="utf-8"):
            text = job.inventory[0].read_text(encoding="utf-8")
            for name in set(job.hosts) - self.bad:
                own = text[text.index(f"    {name}:\n      ansible_connection") :]
                digest = own.split('govstack_configured: "')[1].split('"')[0]
                self.told[name] = (digest, "")
        return Ended(hosts={name: name not in self.bad for name in job.hosts})

    def ask(self, _: Path, hosts: Collection[str]) -> Mapping[str, tuple[str, str]]:
        return {host: self.told.get(host, ("", "")) for host in hosts}

    def prepare(self, *told: Any) -> tuple[Path, dict[str, str]]:
        self.met = told[1]
        return Path("/folder/config"), self.unknown


@pytest.fixture
def city(yunzhou: Path, leave: Callable[[Session], None], monkeypatch: pytest.MonkeyPatch) -> City:
    monkeypatch.setattr(sandbox, "has_hosts", lambda _: True)
    monkeypatch.setattr("govstack.operations.session.has_hosts", lambda _: True)
    monkeypatch.setattr(sandbox, "host_keys", lambda _: {})
    made = City(yunzhou, leave)
    monkeypatch.setattr(operations, "run_job", made.run)
    monkeypatch.setattr(operations, "told_by", made.ask)
    monkeypatch.setattr(host_plans, "prepare", made.prepare)
    return made


def outcomes(result: Result[ConfigureReport]) -> dict[str, str]:
    return {host.name: host.outcome.value for host in result.data.hosts}


def test_all_are_run_once_layer_by_layer_and_then_only_asked(city: City) -> None:
    first = city.configure()
    assert first.exit_code == 0
    assert [host.name for host in first.data.hosts] == ORDER
    assert [list(job.hosts) for job in city.jobs] == [ORDER[:2], ORDER[2:4], ORDER[4:]]
    assert set(read_configured(city.places)) == set(ORDER)
    again = city.configure()
    assert outcomes(again) == dict.fromkeys(ORDER, "unchanged")
    assert (city.jobs, again.data.folder) == ([], "")
    assert city.ran(everything=True) == [ORDER[:2], ORDER[2:4], ORDER[4:]]


def test_roles_that_are_left_out_are_told_once(city: City) -> None:
    notes = [note.text for note in city.configure().notes]
    assert "application is left out on 1 host: it offers nothing" in notes
    assert "resolver is left out on 6 hosts: no flow leads it to a name server" in notes


def test_a_host_that_says_otherwise_is_run(city: City) -> None:
    city.configure()
    city.told[OFFICE] = ("", "")
    assert city.ran() == [[OFFICE]]


def test_what_was_declared_otherwise_is_run_where_it_matters(
    city: City, edit: Callable[..., None]
) -> None:
    city.configure()
    edit("site.yaml", "purpose: 主备复制", "purpose: replication")
    city.up()
    assert city.ran() == [[DATABASE, COPY]]


def test_a_server_that_was_made_anew_is_run(city: City) -> None:
    city.configure()
    record = read_records(city.places)["app-oa"]
    nodes = {OFFICE: "another id"}
    changed = dataclasses.replace(record, outputs={**record.outputs, "nodes": nodes})
    write_record(city.places, changed)
    assert city.ran() == [[OFFICE]]


def test_after_a_failure_only_those_that_failed_are_run(city: City) -> None:
    city.bad = {DATABASE}
    failed = city.configure()
    assert failed.exit_code == 6
    assert outcomes(failed) == {**dict.fromkeys(ORDER, "done"), DATABASE: "failed"}
    (failure,) = failed.data.failures
    assert (failure.id, failure.name, failure.error) == (DATABASE, "base: Write", "no space")
    city.bad = set()
    assert city.ran() == [[DATABASE]]


def test_who_does_not_answer_fails_and_the_others_are_done(city: City) -> None:
    city.configure()
    city.told[OFFICE] = ("", "Connection timed out")
    city.told[HALL] = ("", "")
    result = city.configure()
    assert [list(job.hosts) for job in city.jobs] == [[HALL]]
    assert (outcomes(result)[OFFICE], result.exit_code) == ("failed", 6)
    (failure,) = result.data.failures
    assert (failure.name, failure.error) == ("cannot be reached", "Connection timed out")
    city.unknown = {OFFICE: "it shows another key"}
    assert city.configure(hosts=(OFFICE,)).data.failures[0].error == "it shows another key"


def test_a_host_without_a_way_is_left_out(city: City, edit: Callable[..., None]) -> None:
    edit("site.yaml", "from: inf-bas/bastion\n    to: any", "from: inf-bas/bastion\n    to: PUB")
    city.up()
    result = city.configure()
    assert result.exit_code == 0
    assert outcomes(result) == {
        **dict.fromkeys(ORDER, "skipped"),
        BASTION: "done",
        OFFICE: "done",
    }
    assert city.met == sorted([BASTION, OFFICE])
    warning = "4 hosts left out: no flow of the site lets operators come to it"
    assert warning in [note.text for note in result.notes]


def test_only_what_is_wished_is_run(city: City) -> None:
    assert city.ran(systems=("dat-rdb",)) == [[DATABASE, COPY]]
    assert city.ran(hosts=(OFFICE,)) == [[OFFICE]]
    assert city.ran(systems=("inf-log",), hosts=(OFFICE,)) == []
    before = read_configured(city.places)
    assert city.ran(hosts=(LOGS,), roles=("firewall",)) == [[LOGS]]
    (play,) = json.loads(city.jobs[0].playbook.read_text(encoding="utf-8"))
    roles = [task["ansible.builtin.include_role"]["name"] for task in play["tasks"][:1]]
    assert roles == ["govstack.base.firewall"]
    assert city.ran(hosts=(LOGS,), check=True, diff=True) == [[LOGS]]
    assert (city.jobs[0].check, city.jobs[0].diff) == (True, True)
    assert read_configured(city.places) == before


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"systems": ("dat-rbd",)}, "no system 'dat-rbd'"),
        ({"hosts": ("localhost",)}, "no host 'localhost'"),
        ({"roles": ("fire",)}, "no role 'fire'"),
    ],
)
def test_what_is_not_there_is_refused(city: City, wish: dict[str, Any], said: str) -> None:
    with pytest.raises(UnknownSelection, match=said):
        city.configure(**wish)


def test_hosts_that_are_not_as_recorded_are_refused(city: City) -> None:
    record = read_records(city.places)["app-oa"]
    write_record(city.places, dataclasses.replace(record, finished=False))
    with pytest.raises(InventoryStale, match="app-oa has a last run that did not end well"):
        city.configure()
    assert city.ran(systems=("inf-log",)) == [[LOGS]]


def test_a_cloud_of_ones_own_is_refused(yunzhou: Path) -> None:
    home = yunzhou.parent / "home"
    target = Target(root=yunzhou, environment="production", state_home=home, cache_home=home)
    with pytest.raises(UnknownSelection, match="hosts of the environment 'production'"):
        operations.configure(target, Silent(), Wish())


def test_hosts_that_are_no_more_are_forgotten(city: City) -> None:
    write_configured(city.places, Configured(host="gone", digest="", roles=(), updated=""))
    city.configure(hosts=(OFFICE,))
    assert set(read_configured(city.places)) == {OFFICE}


def test_the_last_runs_are_kept(city: City) -> None:
    for _ in range(KEPT_RUNS + 2):
        city.configure(hosts=(OFFICE,), everything=True)
    assert len(list(city.places.runs.iterdir())) == KEPT_RUNS


def test_hosts_that_are_as_they_were_left_are_not_asked_where_that_is_wished(city: City) -> None:
    city.configure()
    city.told[OFFICE] = ("", "")
    assert city.ran(asks=False) == []


def test_the_user_is_told_which_hosts_would_be_run_and_may_decline(city: City) -> None:
    told: list[tuple[str, ...]] = []

    def decline(hosts: tuple[str, ...]) -> bool:
        told.append(hosts)
        return False

    declined = city.configure(agree=decline)
    assert told == [tuple(ORDER)]
    assert (city.jobs, declined.data.confirmed, declined.exit_code) == ([], False, 0)
    city.configure(agree=lambda _: True)
    assert city.configure(agree=decline).data.confirmed
    assert told == [tuple(ORDER)]
