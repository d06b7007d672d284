"""Nodes are rebuilt one after the other, and no further than the first that is not well."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from govstack.errors import ChangesPending, CloudUnreachable, RebuildRefused, UnknownSelection
from govstack.operations import rebuild as rebuild_module
from govstack.operations.rebuild import rebuild
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.state.records import read_records, write_record
from govstack.values.observer import Outcome, Silent

FIRST, SECOND = "yz-dat-dsjj-rdb-db-001", "yz-dat-dsjj-rdb-db-002"
OFFICE = "yz-pub-szfb-oa-app-001"


class Cloud:
    """Servers that can be rebuilt; those in `broken` do not come back."""

    def __init__(self) -> None:
        self.images: dict[str, str] = {}
        self.broken: set[str] = set()
        self.refreshed: list[tuple[str, list[str]]] = []

    @contextmanager
    def servers_of(self, _file: Path, _entry: str) -> Iterator["Cloud"]:
        yield self

    def rebuild(self, server: str, image: str) -> bool:
        if server in self.broken:
            raise CloudUnreachable("it did not become active again: no host", hint="look at it")
        needed = self.images.get(server) != image
        self.images[server] = image
        return needed


@pytest.fixture
def target(yunzhou: Path, tmp_path: Path) -> Target:
    return Target(
        root=yunzhou,
        environment="sandbox",
        state_home=tmp_path / "state",
        cache_home=tmp_path / "cache",
    )


def born_from(session: Session, label: str, *systems: str) -> None:
    """Have the nodes of these systems be born from another image."""
    records = read_records(session.places)
    for system in systems:
        names = [n.name for s in session.plan.systems if s.id == system for n in s.nodes]
        record = dataclasses.replace(
            records[system],
            born={name: {"id": f"id of {label}", "label": label} for name in names},
            outputs={**records[system].outputs, "nodes": {name: name for name in names}},
        )
        write_record(session.places, record)


@pytest.fixture
def cloud(target: Target, leave: Any, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """A city whose databases and office were born from an old image."""
    session = open_session(target)
    leave(session)
    born_from(session, "debian-11", "dat-rdb", "app-oa")
    made = Cloud()

    class Stacks:
        def __init__(self, _context: Any) -> None:
            pass

        def __enter__(self) -> "Stacks":  # noqa: PYI034
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def recover(self, plans: Any, removed: Any, before: Any) -> None:
            """Nothing died before."""

        def refresh(self, plan: Any, nodes: list[str]) -> None:
            made.refreshed.append((plan.id, nodes))

    monkeypatch.setattr(rebuild_module, "servers_of", made.servers_of)
    monkeypatch.setattr(rebuild_module, "Stacks", Stacks)
    monkeypatch.setattr(rebuild_module, "open_cloud", lambda run: run)
    return made


def outcomes(data: Any) -> dict[str, Outcome]:
    return {node.name: node.outcome for node in data.nodes}


def test_a_system_means_its_nodes_that_were_born_from_another_image(
    target: Target, cloud: Cloud
) -> None:
    result = rebuild(target, Silent(), ["dat-rdb", "inf-log"])
    assert outcomes(result.data) == {FIRST: Outcome.DONE, SECOND: Outcome.DONE}
    assert [(node.born, node.declared) for node in result.data.nodes] == [
        ("debian-11", "debian-12"),
        ("debian-11", "debian-12"),
    ]
    assert cloud.images == {FIRST: "id of debian-12", SECOND: "id of debian-12"}
    assert cloud.refreshed == [("dat-rdb", [FIRST, SECOND])]
    assert result.exit_code == 0


def test_the_first_that_fails_ends_it_and_the_same_again_goes_on(
    target: Target, cloud: Cloud
) -> None:
    cloud.broken = {SECOND}
    result = rebuild(target, Silent(), ["dat-rdb", "app-oa"])
    assert result.exit_code == 5
    assert outcomes(result.data) == {
        FIRST: Outcome.DONE,
        SECOND: Outcome.FAILED,
        OFFICE: Outcome.SKIPPED,
    }
    (failure,) = result.data.failures
    assert (failure.error, failure.hint) == (
        "it did not become active again: no host",
        "look at it",
    )
    assert [system for system, _ in cloud.refreshed] == ["dat-rdb"]
    cloud.broken = set()
    again = rebuild(target, Silent(), ["dat-rdb", "app-oa"])
    assert outcomes(again.data) == {
        FIRST: Outcome.UNCHANGED,
        SECOND: Outcome.DONE,
        OFFICE: Outcome.DONE,
    }


def test_a_node_that_is_not_well_ends_it(
    target: Target, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ill(rebuild_module.Active):
        def trouble(self, node: Any) -> str:
            return f"{node.name} is not well"

    monkeypatch.setattr(rebuild_module, "Active", Ill)
    result = rebuild(target, Silent(), ["dat-rdb"])
    assert outcomes(result.data) == {FIRST: Outcome.FAILED, SECOND: Outcome.SKIPPED}
    assert SECOND not in cloud.images


def test_as_many_are_away_as_may_be(target: Target, cloud: Cloud) -> None:
    cloud.broken = {FIRST}
    result = rebuild(target, Silent(), ["dat-rdb"], max_unavailable=2)
    assert outcomes(result.data) == {FIRST: Outcome.FAILED, SECOND: Outcome.DONE}


def test_a_node_is_rebuilt_also_if_its_image_is_the_declared_one(
    target: Target, cloud: Cloud
) -> None:
    session = open_session(target)
    born_from(session, "debian-12", "app-oa")
    assert rebuild(target, Silent(), ["app-oa"]).data.nodes == ()
    assert outcomes(rebuild(target, Silent(), [OFFICE]).data) == {OFFICE: Outcome.DONE}
    assert OFFICE in cloud.images


def test_who_declines_changes_nothing(target: Target, cloud: Cloud) -> None:
    shown: list[Any] = []
    result = rebuild(target, Silent(), ["dat-rdb"], confirm=lambda data: bool(shown.append(data)))
    assert (result.data.confirmed, cloud.images) == (False, {})
    assert [node.name for node in shown[0].nodes] == [FIRST, SECOND]


def test_what_cannot_be_rebuilt_is_refused(target: Target, cloud: Cloud, edit: Any) -> None:
    with pytest.raises(UnknownSelection, match="no system or node 'dat-rbd'") as caught:
        rebuild(target, Silent(), ["dat-rbd"])
    assert caught.value.hint == "did you mean dat-rdb?"
    edit("systems/dat-rdb.yaml", "size_gb: 10", "size_gb: 20")
    with pytest.raises(ChangesPending, match="not applied: platform, dat-rdb"):
        rebuild(target, Silent(), ["dat-rdb"])
    edit("systems/dat-rdb.yaml", "size_gb: 20", "size_gb: 10")
    session = open_session(target)
    record = read_records(session.places)["app-oa"]
    write_record(session.places, dataclasses.replace(record, born={}))
    with pytest.raises(RebuildRefused, match=f"{OFFICE} is not in the cloud"):
        rebuild(target, Silent(), [OFFICE])
    assert cloud.images == {}
