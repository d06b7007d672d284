"""When a run clears away what another left, and what it lets be."""

import dataclasses
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from govstack.clouds.found import Found, Reach
from govstack.clouds.kind import Scope
from govstack.clouds.kinds import KINDS
from govstack.engine.checkpoint import checkpoint_digest, checkpoint_path
from govstack.errors import Locked
from govstack.operations import recovery
from govstack.operations.leftovers import Leftover
from govstack.operations.recovery import recover, subjects_of
from govstack.operations.session import Session
from govstack.plan.make import make_plan
from govstack.site.kinds import Layer
from govstack.site.load import load_site
from govstack.state.places import Places
from govstack.state.records import Record, write_record
from govstack.values.observer import Event, Note

PORT = "openstack:networking/port:Port"
LONG_AGO, FAR_FROM_NOW = "2001-01-01T00:00:00Z", "2101-01-01T00:00:00Z"


class Listener:
    def __init__(self) -> None:
        self.notes: list[str] = []

    def notify(self, event: Event) -> None:
        if isinstance(event, Note):
            self.notes.append(event.text)


class City:
    """An environment whose database system was run before, and the cloud that it was run in."""

    def __init__(self, root: Path, site: Path) -> None:
        loaded = load_site(site, "sandbox")
        self.plan = make_plan(loaded)
        self.places = Places(root)
        target: Any = SimpleNamespace(root=site)
        self.session = Session(target, loaded, self.plan, self.places)
        self.listener = Listener()
        self.in_cloud: tuple[Found, ...] = ()
        self.readied = 0
        self.removed: list[str] = []
        self.checkpoint(resources=[])
        self.record = Record(
            system="dat-rdb",
            name="n",
            layer=Layer.DATA_SERVICE,
            upstream=(),
            project={},
            birth="dat-rdb",
            finished=True,
            checkpoint=checkpoint_digest(self.places.backend, "data-service", "dat-rdb"),
        )
        write_record(self.places, self.record)

    def checkpoint(self, **latest: Any) -> Path:
        path = checkpoint_path(self.places.backend, "data-service", "dat-rdb")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"version": 3, "checkpoint": {"latest": latest}}))
        return path

    def begun(self) -> None:
        """Have the system be as a run leaves it that died."""
        self.record = dataclasses.replace(self.record, finished=False)
        write_record(self.places, self.record)

    def disposable(self, *, so: bool) -> None:
        environment = dataclasses.replace(self.plan.environment, disposable=so)
        plan = dataclasses.replace(self.plan, environment=environment)
        self.session = dataclasses.replace(self.session, plan=plan)

    def recover(self, *, known: bool = True) -> frozenset[str]:
        records = {"dat-rdb": self.record} if known else {}
        plans = tuple(plan for plan in self.plan.systems if plan.id == "dat-rdb")
        subjects = subjects_of(plans, records, {})
        return recover(self.session, self.listener, subjects, (), self._ready)

    def _ready(self) -> None:
        self.readied += 1


@pytest.fixture
def city(tmp_path: Path, yunzhou: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    made = City(tmp_path / "state", yunzhou)

    @contextmanager
    def reach_of(_clouds: Path, birth: str, system: str) -> Iterator[Reach]:
        nothing: Any = None
        yield Reach(
            own=nothing,
            platform=nothing,
            project="p",
            name=birth,
            scope=Scope.SYSTEM,
            system=system,
        )

    def clear(reach: Reach, _owner: object, _known: object, may_go: Any) -> tuple[Leftover, ...]:
        made.removed += [each.id for each in made.in_cloud if may_go(each)]
        return tuple(
            Leftover(each, reach, "" if may_go(each) else "it may hold data")
            for each in made.in_cloud
        )

    monkeypatch.setattr(recovery, "reach_of", reach_of)
    monkeypatch.setattr(recovery, "clear", clear)
    return made


def found(word: str, name: str = "yz-x", made: str = "") -> Found:
    kind = next(kind for kind in KINDS if kind.word == word)
    return Found(kind=kind, id=name, name=name, project="p", made=made)


def test_after_a_run_that_ended_well_nobody_is_asked(city: City) -> None:
    assert city.recover() == frozenset()
    assert (city.readied, city.listener.notes) == (0, [])


def test_a_system_that_is_new_has_nothing_to_recover(city: City) -> None:
    checkpoint_path(city.places.backend, "data-service", "dat-rdb").unlink()
    assert city.recover(known=False) == frozenset()


def test_a_run_that_died_is_cleared_away_and_told(city: City) -> None:
    city.begun()
    city.in_cloud = (found("port"), found("port", "yz-y"), found("network"))
    urn = f"urn:pulumi:dat-rdb::data-service::{PORT}::yz-x"
    pending = [{"type": "creating", "resource": {"urn": urn, "type": PORT}}]
    path = city.checkpoint(resources=[], pending_operations=pending)
    assert city.recover() == {"dat-rdb"}
    assert city.listener.notes == [
        "an earlier run was interrupted; removed what it left: 2 ports, 1 network"
    ]
    assert json.loads(path.read_text())["checkpoint"]["latest"] == {"resources": []}


@pytest.mark.parametrize("known", [True, False])
def test_a_checkpoint_that_no_record_knows_is_one_of_a_run_that_died(
    city: City,
    known: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    city.checkpoint(resources=[{"urn": "u", "type": PORT, "id": "i"}])
    assert city.recover(known=known) == {"dat-rdb"}


def test_dead_locks_are_broken_even_where_nothing_else_was_touched(city: City) -> None:
    folder = city.places.backend / ".pulumi" / "locks" / "organization" / "data-service" / "x"
    folder.mkdir(parents=True)
    (folder / "1.json").write_text("{}")
    assert city.recover() == frozenset()
    assert not list(folder.iterdir())


def test_a_lock_of_another_machine_stops_the_run(city: City) -> None:
    folder = city.places.backend / ".pulumi" / "locks" / "organization" / "data-service" / "x"
    folder.mkdir(parents=True)
    (folder / "1.json").write_text(json.dumps({"hostname": "elsewhere", "pid": 1}))
    with pytest.raises(Locked):
        city.recover()


def test_with_a_damaged_checkpoint_nothing_is_removed(city: City) -> None:
    city.begun()
    city.in_cloud = (found("port"),)
    city.checkpoint().write_text("{")
    assert city.recover() == frozenset()
    assert city.removed == []
    assert "was not looked for" in city.listener.notes[0]


def test_what_may_hold_data_goes_only_if_the_dead_run_made_it(city: City) -> None:
    city.disposable(so=False)
    city.begun()
    urn = f"urn:pulumi:dat-rdb::data-service::{PORT}::yz-pending"
    pending = [{"type": "creating", "resource": {"urn": urn, "type": PORT}}]
    city.checkpoint(resources=[], pending_operations=pending)
    city.in_cloud = (
        found("server", "yz-old", LONG_AGO),
        found("server", "yz-unknown"),
        found("volume", "yz-young", FAR_FROM_NOW),
        found("volume", "yz-pending", LONG_AGO),
        found("port", "yz-port", LONG_AGO),
    )
    city.recover()
    assert city.removed == ["yz-young", "yz-pending", "yz-port"]
    assert [note for note in city.listener.notes if "yz-old" in note] == [
        "in no state, and not removed: server yz-old (yz-old): it may hold data; see govstack sweep"
    ]
    city.disposable(so=True)
    city.removed.clear()
    city.recover()
    assert "yz-old" in city.removed


def test_a_clock_that_jumped_changes_nothing_of_who_is_recovered(city: City) -> None:
    record = city.places.records / "dat-rdb.json"
    checkpoint = checkpoint_path(city.places.backend, "data-service", "dat-rdb")
    for moment in (0, 4_102_444_800):
        os.utime(record, (moment, moment))
        os.utime(checkpoint, (moment, moment))
        assert city.recover() == frozenset()
    city.begun()
    for moment in (0, 4_102_444_800):
        os.utime(record, (moment, moment))
        assert city.recover() == {"dat-rdb"}
