"""The verb `verify`: which probes it tries on which hosts, and what it says of those that fail."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from govstack import sandbox
from govstack.errors import ProbeFailed, UnknownSelection
from govstack.operations import verify as operations
from govstack.operations.certificates import renew_here
from govstack.operations.session import Session, open_session
from govstack.operations.status import status
from govstack.operations.target import Target
from govstack.operations.trusting import make_trust, moment
from govstack.operations.verify_report import VerifyReport
from govstack.operations.verify_watch import changes
from govstack.operations.verify_wish import VerifyWish
from govstack.plan.model import SystemPlan
from govstack.state.hosts import Configured, write_configured
from govstack.state.own import OwnSecrets
from govstack.state.records import read_records, write_record
from govstack.state.secrets import known_passwords
from govstack.state.verified import read_verified
from govstack.values.observer import Silent

BASTION = "yz-mgt-dsjj-bas-bastion-001"
LOGS = "yz-mgt-dsjj-log-collector-001"
DATABASE = "yz-dat-dsjj-rdb-db-001"
COPY = "yz-dat-dsjj-rdb-db-002"
HOSTS = {
    BASTION: ("base", "log_client", "bastion"),
    LOGS: ("base", "log_server"),
    DATABASE: ("base", "log_client", "database"),
    COPY: ("base", "log_client", "database"),
}
GOOD = {"expected": "", "seen": "", "seconds": 0.1}
Step = Mapping[str, Any]


class City:
    """The small city, whose hosts answer as they are told to."""

    def __init__(self, root: Path, leave: Callable[[Session], None]) -> None:
        home = root.parent / "home"
        self.target = Target(root=root, environment="sandbox", state_home=home, cache_home=home)
        session = open_session(self.target)
        self.places = session.places
        leave(session)
        for system in session.plan.systems:
            assert isinstance(system, SystemPlan)
            record = read_records(self.places)[system.id]
            nodes = {node.name: f"id of {node.name}" for node in system.nodes}
            outputs = {"networks": {}, "nodes": nodes, "floating_ips": {}, "endpoints": {}}
            write_record(self.places, dataclasses.replace(record, outputs=outputs))
        make_trust(session)
        renew_here(session, moment())
        self.bad: dict[str, Callable[[Step], Mapping[str, Any] | None]] = {}
        self.silent: dict[str, str] = {}
        self.asked: list[tuple[str, Step]] = []
        self.open: list[str] = []

    def configured(self, hosts: Mapping[str, Sequence[str]]) -> None:
        for name, roles in hosts.items():
            full = tuple(f"govstack.base.{role}" for role in roles)
            made = Configured(host=name, digest="", roles=full, updated="2026-03-01T02:03:04")
            write_configured(self.places, made)

    def verify(self, **wish: Any) -> VerifyReport:
        self.asked.clear()
        told = operations.verify(self.target, Silent(), VerifyWish(**wish), speak=self.speak)
        assert told.exit_code == (8 if told.data.findings else 0)
        assert self.open == []
        return told.data

    def speak(self, _: Path, host: str, interpreter: str) -> "Host":
        assert interpreter == "/usr/bin/python3"
        if host in self.silent:
            raise ProbeFailed(f"{host} could not be asked: {self.silent[host]}")
        self.open.append(host)
        return Host(self, host)

    def taken(self, host: str) -> list[str]:
        """What a host was asked to do, besides trying paths."""
        return [
            step["kind"] for name, step in self.asked if name == host and step["kind"] != "paths"
        ]


class Host:
    """A host that is spoken with."""

    def __init__(self, city: City, name: str) -> None:
        self._city, self._name = city, name

    def ask(self, sequences: Any) -> Any:
        return [self._take_all(steps) for steps in sequences]

    def close(self) -> None:
        self._city.open.remove(self._name)

    def _take_all(self, steps: Sequence[Step]) -> list[Any]:
        answers: list[Any] = []
        failed = False
        for step in steps:
            if failed and not step["always"]:
                answers.append(None)
                continue
            self._city.asked.append((self._name, step))
            said = self._city.bad.get(self._name, lambda _: None)(step)
            answers.append({**GOOD, **(said or {}), **self._paths(step)})
            failed = failed or bool(said)
        return answers

    @staticmethod
    def _paths(step: Step) -> Mapping[str, Any]:
        targets = step["ask"].get("targets", ())
        return {"answers": ["none"] * len(targets)} if step["kind"] == "paths" else {}


@pytest.fixture
def city(yunzhou: Path, leave: Callable[[Session], None], monkeypatch: pytest.MonkeyPatch) -> City:
    monkeypatch.setattr(sandbox, "has_hosts", lambda _: True)
    monkeypatch.setattr("govstack.operations.session.has_hosts", lambda _: True)
    monkeypatch.setattr(sandbox, "host_keys", lambda _: {})
    monkeypatch.setattr(operations, "prepare", lambda *_: (Path("/folder/config"), {}))
    monkeypatch.setattr(operations, "paths", lambda *_: ())
    return City(yunzhou, leave)


def test_hosts_that_were_never_configured_are_told_and_do_not_fail(city: City) -> None:
    report = city.verify()
    assert (report.findings, report.probes, report.tried) == ((), (), {})
    assert set(report.unconfigured) == {*HOSTS, "yz-int-zwfw-hal-web-001", "yz-pub-szfb-oa-app-001"}


def test_configured_hosts_are_proven_role_by_role(city: City) -> None:
    city.configured(HOSTS)
    report = city.verify()
    assert report.findings == ()
    assert {one.probe.partition(".")[0] for one in report.probes} == {
        *("base", "log_client", "log_server", "database", "bastion"),
    }
    assert set(report.unconfigured) == {"yz-int-zwfw-hal-web-001", "yz-pub-szfb-oa-app-001"}
    new = {one.role: one.hosts for one in report.omitted if one.why == "not configured yet"}
    assert set(new["firewall"]) == set(HOSTS)
    assert report.tried == {"probes": len(report.probes)}


def test_steps_on_several_hosts_follow_each_other(city: City) -> None:
    city.configured(HOSTS)
    city.verify(probes=("database.copy",))
    assert [name for name, _ in city.asked] == [DATABASE, DATABASE, COPY, DATABASE]


def test_a_failure_says_what_was_expected_what_was_seen_and_what_to_do(city: City) -> None:
    city.configured(HOSTS)
    city.bad[COPY] = lambda step: (
        {"expected": "out x", "seen": "out empty"} if step["expect"].get("out") else None
    )
    report = city.verify(probes=("database.copy",))
    (found,) = report.findings
    assert (found.probe, found.host, found.subject) == ("database.copy", COPY, DATABASE)
    assert (found.expected, found.seen) == ("out x", "out empty")
    assert found.why == "what the primary writes is read on the copy"
    assert COPY in found.hint
    # What was made for the probe is taken away all the same.
    assert city.asked[-1][0] == DATABASE
    assert "DROP DATABASE" in city.asked[-1][1]["ask"]["script"]


def test_what_is_seen_holds_no_secret(city: City) -> None:
    city.configured(HOSTS)

    def told(step: Step) -> Mapping[str, Any] | None:
        return (
            {"expected": "chain good", "seen": str(step["ask"])}
            if step["kind"] != "paths"
            else None
        )

    for host in HOSTS:
        city.bad[host] = told
    report = city.verify()
    texts = [text for one in report.findings for text in (one.seen, one.expected, one.hint)]
    known = known_passwords(city.places)
    own = OwnSecrets(city.places)
    hidden = [*known.values(), own.password("dat-rdb replication")]
    assert report.findings
    assert not any(secret.reveal() in text for text in texts for secret in hidden)


def test_a_host_that_cannot_be_asked_is_told_once(city: City) -> None:
    city.configured(HOSTS)
    city.silent[COPY] = "Connection timed out"
    report = city.verify()
    silent = [one for one in report.findings if one.host == COPY]
    assert [(one.probe, one.hint) for one in silent] == [
        ("login", f"try it by hand: govstack ssh {COPY}")
    ]
    assert {one.probe for one in report.untried} >= {"base.name", "database.copy"}
    whys = {one.why for one in report.untried if COPY in {one.host, one.server}}
    assert whys == {f"{COPY} could not be asked: Connection timed out"}


def test_what_needs_a_host_that_is_not_configured_is_not_tried(city: City) -> None:
    city.configured({name: HOSTS[name] for name in (BASTION, DATABASE)})
    report = city.verify(probes=("log_client",))
    assert {(one.host, one.why) for one in report.untried} == {
        (BASTION, f"{LOGS} is not configured"),
        (DATABASE, f"{LOGS} is not configured"),
    }
    assert report.findings == ()


def test_only_what_is_wished_is_tried(city: City) -> None:
    city.configured(HOSTS)
    assert {one.server for one in city.verify(systems=("inf-log",)).probes} == {LOGS}
    hosts = {(one.host, one.server) for one in city.verify(hosts=(COPY,)).probes}
    assert all(COPY in pair for pair in hosts)
    assert {one.probe for one in city.verify(probes=("base.name",)).probes} == {"base.name"}
    for wish, said in (
        ({"probes": ("databse",)}, "there is no probe 'databse'"),
        ({"hosts": ("nobody",)}, "there is no host 'nobody'"),
        ({"systems": ("dat-rbd",)}, "there is no system 'dat-rbd'"),
    ):
        with pytest.raises(UnknownSelection, match=said):
            city.verify(**wish)


def test_what_disturbs_waits_for_its_wish_and_is_put_back(city: City) -> None:
    city.configured(HOSTS)
    assert "database.promotion" not in {one.probe for one in city.verify().probes}
    city.bad[COPY] = lambda step: (
        {"expected": "code 0", "seen": "code 1"} if "pg_basebackup" in str(step["ask"]) else None
    )
    report = city.verify(probes=("database.promotion",), disturb=True)
    assert [one.probe for one in report.findings] == ["database.promotion"]
    scripts = [step["ask"]["script"] for _, step in city.asked]
    assert "pg_ctl" in scripts[-2]
    assert "DROP DATABASE" in scripts[-1]


def test_what_was_disturbed_is_put_back_after_an_interrupt(city: City) -> None:
    city.configured(HOSTS)

    def interrupted(step: Step) -> None:
        if "pg_basebackup" in str(step["ask"]):
            raise KeyboardInterrupt

    city.bad[COPY] = interrupted
    with pytest.raises(KeyboardInterrupt):
        city.verify(probes=("database.promotion",), disturb=True)
    scripts = [step["ask"]["script"] for _, step in city.asked]
    assert "rm -rf" in scripts[-2]
    assert "DROP DATABASE" in scripts[-1]
    assert city.open == []


def test_the_last_verification_is_kept_and_told(city: City) -> None:
    assert status(city.target).data.verified is None
    city.configured(HOSTS)
    city.verify()
    kept = read_verified(city.places)
    assert kept is not None
    assert (kept.whole, kept.findings) == (True, ())
    told = status(city.target).data.verified
    assert told is not None
    assert (told.when, told.findings, told.whole) == (kept.when, 0, True)
    city.silent[COPY] = "it is off"
    city.verify(hosts=(COPY,))
    kept = read_verified(city.places)
    assert kept is not None
    assert (kept.whole, len(kept.findings)) == (False, 1)


def test_changes_alone_are_told_while_watching(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city.configured(HOSTS)
    monkeypatch.setattr("govstack.operations.verify_watch.time.sleep", lambda _: turn())
    monkeypatch.setattr("govstack.operations.verify_watch.verify", again(city))
    turns = iter((lambda: None, lambda: city.silent.update({COPY: "off"}), city.silent.clear))

    def turn() -> None:
        next(turns)()

    wish = VerifyWish(probes=("base.name",))
    watching = changes(city.target, wish, city.verify(probes=wish.probes), every=1)
    gone = next(watching).data
    assert ([one.host for one in gone.appeared], gone.mended, gone.left) == ([COPY], (), 1)
    back = next(watching)
    assert ([one.host for one in back.data.mended], back.data.appeared) == ([COPY], ())
    assert back.exit_code == 0


def again(city: City) -> Callable[..., Any]:
    def verified(target: Target, observer: Any, wish: VerifyWish, **named: Any) -> Any:
        return operations.verify(target, observer, wish, **named, speak=city.speak)

    return verified
