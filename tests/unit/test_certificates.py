"""The verb certificates, on a city that is on no cloud."""

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from govstack.errors import UnknownSelection
from govstack.operations import certificates as module
from govstack.operations import trusting
from govstack.operations.certificates import list_certificates, renew, show_certificates
from govstack.operations.report_trust import Kind, Standing
from govstack.operations.session import open_session
from govstack.operations.target import Target
from govstack.state.introductions import Identity, Introduction, write_introductions
from govstack.trust.terms import Span
from govstack.values.digest import plain
from govstack.values.observer import Silent

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DATABASE = "yz-dat-dsjj-rdb-db-001"
SILENT = Silent()


class Clock:
    """What time it is, for all who ask."""

    def __init__(self) -> None:
        self.elapsed = timedelta()

    def __call__(self) -> datetime:
        return NOW + self.elapsed


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for each in (module, trusting):
        monkeypatch.setattr(each, "moment", made)
    return made


@pytest.fixture(params=["files", "store", "encrypted"])
def target(request: pytest.FixtureRequest, yunzhou: Path, tmp_path: Path, clock: Clock) -> Target:
    assert clock
    lines = {
        "files": "",
        "store": f"backend: {(tmp_path / 'share').as_uri()}\n",
        "encrypted": "encrypt_state: true\n",
    }
    path = yunzhou / "environments" / "production.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n{lines[request.param]}", encoding="utf-8")
    return Target(
        root=yunzhou,
        environment="production",
        state_home=tmp_path / "state",
        cache_home=tmp_path / "cache",
    )


def states(target: Target, **options: Any) -> tuple[int, dict[str, int]]:
    result = list_certificates(target, **options)
    counts: dict[str, int] = {}
    for each in result.data.certificates:
        name = f"{each.kind} {each.state}"
        counts[name] = counts.get(name, 0) + 1
    return result.exit_code, counts


def test_from_nothing_to_renewed_and_renewed_again(target: Target, clock: Clock) -> None:
    assert states(target) == (0, {"authority missing": 1, "service missing": 9})
    assert states(target, check=True)[0] == 8
    first = renew(target, SILENT).data
    assert (len(first.made), first.kept, first.dropped) == (9, 0, ())
    assert states(target, check=True) == (0, {"authority valid": 1, "service valid": 9})
    again = renew(target, SILENT).data
    assert (again.made, again.kept) == ((), 9)
    clock.elapsed = timedelta(days=61)
    assert states(target, check=True) == (8, {"authority valid": 1, "service due": 9})
    clock.elapsed = timedelta(days=91)
    assert states(target) == (0, {"authority valid": 1, "service expired": 9})
    chosen = renew(target, SILENT, hosts=(DATABASE,)).data
    assert [(each.host, each.service) for each in chosen.made] == [
        (DATABASE, "_node"),
        (DATABASE, "postgresql"),
    ]
    assert states(target, hosts=(DATABASE,), check=True) == (
        0,
        {"authority valid": 1, "service valid": 2},
    )
    assert {each.state for each in renew(target, SILENT).data.made} == {Standing.VALID}


def test_what_is_shown(target: Target) -> None:
    renew(target, SILENT)
    (shown,) = show_certificates(target, DATABASE, "postgresql").data.certificates
    listed = next(
        each
        for each in list_certificates(target).data.certificates
        if (each.host, each.service) == (DATABASE, "postgresql")
    )
    assert dataclasses.replace(shown, pem="") == listed
    assert shown.pem.startswith("-----BEGIN CERTIFICATE-----\n")
    assert (shown.names, shown.addresses) == ((DATABASE,), ("10.40.0.10",))
    assert (shown.not_after, shown.days_left) == ("2026-05-30T12:00:00+00:00", 90)
    assert shown.subject == f"CN={DATABASE},OU=dat-rdb,O=云州市政务云"
    assert "PRIVATE KEY" not in str(plain(show_certificates(target, DATABASE, None).data))


def test_a_new_node_and_a_removed_one(target: Target) -> None:
    renew(target, SILENT)
    for file in ("dat-rdb", "inf-log"):
        path = target.root / "systems" / f"{file}.yaml"
        text = path.read_text(encoding="utf-8")
        counts = ("count: 2", "count: 1") if file == "dat-rdb" else ("count: 1", "count: 2")
        path.write_text(text.replace(*counts), encoding="utf-8")
    done = renew(target, SILENT).data
    assert [each.host for each in done.made] == ["yz-mgt-dsjj-log-collector-002"]
    assert done.dropped == (
        "yz-dat-dsjj-rdb-db-002 _node",
        "yz-dat-dsjj-rdb-db-002 postgresql",
    )


def test_hosts_that_have_been_met_are_listed(target: Target, clock: Clock) -> None:
    places = open_session(target).places
    met = Introduction(
        identity=Identity(key="k", principals=(DATABASE, "10.40.0.10"), authority="a"),
        serial=255,
        good=Span(NOW, NOW + timedelta(days=90)),
    )
    write_introductions(places, {DATABASE: met, "gone": met})
    clock.elapsed = timedelta(days=70)
    (found,) = (
        each for each in list_certificates(target).data.certificates if each.kind is Kind.SSH_HOST
    )
    assert (found.host, found.system, found.serial) == (DATABASE, "dat-rdb", "ff")
    assert (found.state, found.days_left) == (Standing.DUE, 20)


def test_names_that_nobody_has_are_told(target: Target) -> None:
    with pytest.raises(UnknownSelection, match="no node 'db-001'"):
        list_certificates(target, hosts=("db-001",))
    with pytest.raises(UnknownSelection, match="no node"):
        renew(target, SILENT, hosts=("db-001",))
    renew(target, SILENT)
    with pytest.raises(UnknownSelection, match="no certificate for 'mysql'"):
        show_certificates(target, DATABASE, "mysql")
