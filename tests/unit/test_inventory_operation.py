"""The verb `inventory`: what it refuses, what it takes all the same, and what it writes."""

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from govstack import sandbox
from govstack.engine.checkpoint import checkpoint_path
from govstack.errors import FilesUnwritable, InventoryStale, SandboxFailed, UnknownSelection
from govstack.operations import inventory as operations
from govstack.operations.moves import by_present_id
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.plan.model import SystemPlan
from govstack.state.records import Record, drop_record, read_records, write_record
from govstack.values.observer import Level

OFFICE = "yz-pub-szfb-oa-app-001"
DATABASE = "yz-dat-dsjj-rdb-db-001"
OTHERS = ("dat-rdb", "inf-bas", "inf-log", "app-hal")


class City:
    """The small city as a run of all its systems leaves it."""

    def __init__(self, root: Path, home: Path, leave: Callable[[Session], None]) -> None:
        self.target = Target(root=root, environment="sandbox", state_home=home, cache_home=home)
        session = open_session(self.target)
        self.places = session.places
        leave(session)
        for system in session.plan.systems:
            outputs = {
                "networks": {},
                "nodes": {node.name: f"id of {node.name}" for node in system.nodes},
                "floating_ips": {},
                "endpoints": {},
            }
            self.record(system.id, outputs=outputs, updated="2026-03-01T02:03:04+00:00")
        self.session = session

    def record(self, system: str, **values: Any) -> Record:
        changed = dataclasses.replace(read_records(self.places)[system], **values)
        write_record(self.places, changed)
        return changed

    def doubts(self, subject: str = "") -> tuple[str, ...]:
        """Return why the inventory is refused; nothing if it is not."""
        try:
            made = operations.inventory(self.target, subject)
        except InventoryStale as error:
            return error.doubts
        assert made.notes == ()
        return ()


@pytest.fixture
def city(yunzhou: Path, leave: Callable[[Session], None]) -> City:
    return City(yunzhou, yunzhou.parent / "home", leave)


def test_what_was_run_is_told_with_where_it_comes_from(city: City) -> None:
    assert city.doubts() == ()
    said = json.loads(operations.host_variables(city.target, OFFICE).data)
    record = read_records(city.places)["app-oa"]
    assert said["govstack_resource_id"] == f"id of {OFFICE}"
    assert said["govstack_provenance"] == {
        "checkpoint": record.checkpoint,
        "inputs": record.inputs,
        "record": "app-oa",
        "standing": "unchanged",
        "updated": "2026-03-01T02:03:04+00:00",
    }
    listed = json.loads(operations.listed(city.target).data)
    assert listed["_meta"]["hostvars"][OFFICE] == said
    assert listed == json.loads(operations.listed(city.target).data)


def test_what_was_never_run_is_unknown(city: City) -> None:
    drop_record(city.places, "app-oa")
    assert city.doubts() == ("app-oa was never run",)


def test_what_did_not_end_well_is_partial(city: City) -> None:
    city.record("app-oa", finished=False, outputs={})
    assert city.doubts() == ("app-oa has a last run that did not end well",)
    made = operations.inventory(city.target, allow_stale=True).data
    (host,) = (host for host in made.hosts if host.name == OFFICE)
    assert host.variables["govstack_resource_id"] == ""


def test_what_is_declared_otherwise_is_stale(city: City, edit: Callable[..., None]) -> None:
    edit("systems/app-oa.yaml", "importance: ", "expires: 2030-12-31\nimportance: ")
    (doubt,) = city.doubts()
    assert doubt.startswith("app-oa is declared otherwise than at its last run (nodes")


def test_a_checkpoint_that_was_touched_is_stale(city: City) -> None:
    path = checkpoint_path(city.places.backend, "application-support", "app-oa")
    path.parent.mkdir(parents=True)
    path.write_text("{}", encoding="utf-8")
    assert city.doubts() == ("app-oa has a state that its last run did not leave",)


def test_another_govstack_is_no_reason(city: City) -> None:
    record = read_records(city.places)["app-oa"]
    city.record("app-oa", inputs="of another", parts={**record.parts, "code": "of another"})
    assert city.doubts() == ()
    said = json.loads(operations.host_variables(city.target, OFFICE).data)
    assert said["govstack_provenance"]["standing"] == "unchanged"


def test_a_record_without_a_server_is_partial(city: City) -> None:
    record = read_records(city.places)["app-oa"]
    city.record("app-oa", outputs={**record.outputs, "nodes": {}})
    assert city.doubts() == (f"app-oa has a record that knows no server {OFFICE}",)


def test_hosts_of_a_system_that_is_in_the_site_no_more(city: City) -> None:
    record = read_records(city.places)["app-oa"]
    write_record(city.places, dataclasses.replace(record, system="app-old", birth="app-old"))
    assert city.doubts("app-oa") == ()
    assert city.doubts() == ("app-old is in the site no more, but its hosts are still there",)
    empty = {**record.outputs, "nodes": {}}
    city.record("app-old", outputs=empty)
    assert city.doubts() == ()


def test_only_what_is_asked_for_is_judged(city: City) -> None:
    city.record("app-oa", finished=False)
    assert city.doubts("dat-rdb") == ()
    assert city.doubts(DATABASE) == ()
    assert operations.host_variables(city.target, DATABASE).notes == ()
    assert city.doubts("app-oa") == city.doubts(OFFICE) == city.doubts()
    with pytest.raises(InventoryStale):
        operations.host_variables(city.target, OFFICE)


def test_the_reasons_are_told_and_can_be_overruled(city: City) -> None:
    for system in OTHERS:
        city.record(system, finished=False)
    with pytest.raises(InventoryStale) as caught:
        operations.listed(city.target)
    said = [f"{system} has a last run that did not end well" for system in OTHERS]
    assert caught.value.exit_code == 10
    told = str(caught.value)
    assert told.startswith("the inventory would not be true: ")
    assert told.endswith("; and 1 more")
    result = operations.inventory(city.target, allow_stale=True)
    assert sorted(note.text for note in result.notes) == sorted(said)
    assert {note.level for note in result.notes} == {Level.WARNING}
    standings = {
        host.system: dict(host.variables)["govstack_provenance"]["standing"]  # type: ignore[index]
        for host in result.data.hosts
    }
    assert standings == {**dict.fromkeys(OTHERS, "unfinished"), "app-oa": "unchanged"}


@pytest.mark.parametrize("subject", ["app-ao", "yz-pub-szfb-oa-app-002", "platform"])
def test_what_is_not_there_is_refused(city: City, subject: str) -> None:
    with pytest.raises(UnknownSelection, match="there is no system or host"):
        operations.inventory(city.target, subject)
    with pytest.raises(UnknownSelection, match="there is no host"):
        operations.host_variables(city.target, subject)


def test_no_secret_is_in_any_form(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = city.places.root
    secrets = {city.places.passphrase.read_text(encoding="utf-8").strip()}
    secrets |= set(_texts(json.loads(city.places.passwords.read_text(encoding="utf-8"))))
    secrets = {secret for secret in secrets if len(secret) > 11}
    assert len(secrets) > 5, folder
    monkeypatch.setattr(sandbox, "has_hosts", lambda _: True)
    monkeypatch.setattr(operations, "write_configuration", lambda *_: None)
    written = operations.write(city.target)
    forms = [
        operations.listed(city.target).data,
        operations.as_yaml(city.target).data,
        operations.host_variables(city.target, OFFICE).data,
        repr(operations.inventory(city.target).data),
        *(Path(path).read_text(encoding="utf-8") for path in written.data.paths),
    ]
    for form in forms:
        assert [secret for secret in secrets if secret in form] == []


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def test_files_are_written_and_kept_true(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = city.target.root / "generated" / "sandbox"
    assert operations.refresh(city.target) == ()
    assert not folder.exists()
    written = operations.write(city.target).data
    assert written.hosts == 6
    assert [Path(path).name for path in written.paths] == [
        "inventory.yaml",
        "inventory.sh",
        "govstack.yml",
    ]
    assert os.access(folder / "inventory.sh", os.X_OK)
    assert not (folder / ".gitignore").exists(), "nothing in it is of this machine alone"
    text = (folder / "inventory.yaml").read_text(encoding="utf-8")
    (folder / "inventory.yaml").write_text("", encoding="utf-8")
    assert operations.refresh(city.target) == ()
    assert (folder / "inventory.yaml").read_text(encoding="utf-8") == text
    city.record("app-oa", finished=False)
    (note,) = operations.refresh(city.target)
    assert note.level is Level.WARNING
    assert "inventory.yaml was not written anew: the inventory would not be true" in note.text
    city.record("app-oa", finished=True)
    told: list[Path] = []
    monkeypatch.setattr(sandbox, "has_hosts", lambda _: True)
    monkeypatch.setattr(
        operations, "write_configuration", lambda session: told.append(session.places.root)
    )
    # Servers that are hosts are given a key, so for the records all is another now.
    operations.write(city.target, allow_stale=True)
    assert (folder / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert told == [city.places.root]


def test_a_cloud_that_does_not_run_is_told(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise SandboxFailed("the embedded cloud does not run")

    monkeypatch.setattr(sandbox, "has_hosts", lambda _: True)
    monkeypatch.setattr(operations, "write_configuration", fails)
    result = operations.inventory(city.target, allow_stale=True)
    assert result.notes[-1].text == "the hosts cannot be reached: the embedded cloud does not run"


def test_a_folder_that_cannot_be_written_to(city: City) -> None:
    (city.target.root / "generated").write_text("a file", encoding="utf-8")
    with pytest.raises(FilesUnwritable, match="generated/sandbox cannot be written to"):
        operations.write(city.target)


def test_a_renamed_system_is_stale_until_it_was_run(city: City, yunzhou: Path) -> None:
    for path in (*yunzhou.glob("*.yaml"), *yunzhou.glob("systems/*.yaml")):
        text = path.read_text(encoding="utf-8").replace("app-oa", "app-office")
        path.write_text(
            text.replace("id: app-office", "id: app-office\nrenamed_from: app-oa"), encoding="utf-8"
        )
    (yunzhou / "systems/app-oa.yaml").rename(yunzhou / "systems/app-office.yaml")
    doubt = "app-office was renamed, or moved to another layer, since its last run"
    assert city.doubts("app-office") == (doubt,)
    plan = open_session(city.target).plan
    assert "app-office" in by_present_id(read_records(city.places), plan.stacks)
    (host,) = operations.inventory(city.target, "app-office", allow_stale=True).data.hosts
    assert host.name == OFFICE
    assert host.variables["govstack_resource_id"] == f"id of {OFFICE}"
    assert isinstance(plan.systems[0], SystemPlan)
