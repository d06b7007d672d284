"""What checkpoints remember of the cloud, and what an interruption leaves in them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from govstack.engine.checkpoint import checkpoint_path
from govstack.engine.recovery import (
    Pending,
    known_to_all,
    mend,
    put_aside,
    remembered,
    settle,
)
from govstack.errors import StateUnreadable

PORT = "openstack:networking/port:Port"
STACK = ("data-service", "dat-rdb")


def pending(operation: str, name: str) -> dict[str, Any]:
    urn = f"urn:pulumi:dat-rdb::data-service::{PORT}::{name}"
    return {"resource": {"urn": urn, "custom": True, "type": PORT}, "type": operation}


def write(backend: Path, project: str, stack: str, **latest: Any) -> Path:
    path = checkpoint_path(backend, project, stack)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": 3, "checkpoint": {"stack": stack, "latest": latest}}))
    path.with_name(f"{path.name}.attrs").write_text("{}")
    return path


def fail_after(change: Callable[[], object], backend: Path) -> None:
    """Carry out an operation that changes the checkpoint, and then fails."""

    def operation() -> None:
        with put_aside(backend, *STACK):
            change()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        operation()


RESOURCES = [
    {"urn": "urn:pulumi:x::y::pulumi:pulumi:Stack::z", "type": "pulumi:pulumi:Stack"},
    {"urn": f"urn:pulumi:x::y::{PORT}::p", "type": PORT, "id": "port-1"},
]


def test_a_checkpoint_tells_what_is_there_and_what_was_under_way(tmp_path: Path) -> None:
    operations = [pending("creating", "new"), pending("deleting", "old")]
    write(tmp_path, *STACK, resources=RESOURCES, pending_operations=operations)
    found = remembered(tmp_path, *STACK)
    assert found.known == {(PORT, "port-1")}
    assert found.pending == (Pending("creating", PORT, "new"), Pending("deleting", PORT, "old"))
    assert found.half_made == {"new"}


def test_a_stack_that_was_never_run_remembers_nothing(tmp_path: Path) -> None:
    assert not remembered(tmp_path, *STACK).known
    path = checkpoint_path(tmp_path, *STACK)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"version": 3, "checkpoint": {"stack": "dat-rdb"}}))
    assert not remembered(tmp_path, *STACK).known
    settle(tmp_path, *STACK)
    assert json.loads(path.read_text()) == {"version": 3, "checkpoint": {"stack": "dat-rdb"}}


def test_all_stacks_together_know_what_each_knows(tmp_path: Path) -> None:
    write(tmp_path, *STACK, resources=RESOURCES)
    other = [{"urn": "u", "type": PORT, "id": "port-2"}]
    write(tmp_path, "infrastructure", "inf-bas", resources=other)
    assert known_to_all(tmp_path) == {(PORT, "port-1"), (PORT, "port-2")}


def test_to_settle_drops_what_was_under_way_and_nothing_else(tmp_path: Path) -> None:
    path = write(
        tmp_path, *STACK, resources=RESOURCES, pending_operations=[pending("creating", "new")]
    )
    settle(tmp_path, *STACK)
    assert json.loads(path.read_text())["checkpoint"]["latest"] == {"resources": RESOURCES}
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.stat().st_mtime_ns
    settle(tmp_path, *STACK)
    assert path.stat().st_mtime_ns == before


@pytest.mark.parametrize("text", ["", "{", "[1]"])
def test_a_damaged_checkpoint_is_not_taken_for_an_empty_one(tmp_path: Path, text: str) -> None:
    write(tmp_path, *STACK).write_text(text)
    with pytest.raises(StateUnreadable, match="is damaged"):
        known_to_all(tmp_path)


def test_a_checkpoint_that_an_operation_has_damaged_is_put_back(tmp_path: Path) -> None:
    path = write(tmp_path, *STACK, resources=RESOURCES)
    before = path.read_text()
    fail_after(lambda: path.write_text(before[:40]), tmp_path)
    path.with_name(f"{path.name}.attrs").write_text("")
    assert mend(tmp_path, *STACK)
    assert path.read_text() == before
    assert not path.with_name(f"{path.name}.attrs").exists()
    assert not mend(tmp_path, *STACK)


def test_after_an_operation_that_succeeded_nothing_is_put_back(tmp_path: Path) -> None:
    path = write(tmp_path, *STACK, resources=RESOURCES)
    with put_aside(tmp_path, *STACK):
        path.write_text(path.read_text() + " ")
    assert [each.name for each in path.parent.glob(f"{path.name}.b*")] == []
    path.write_text("{")
    assert not mend(tmp_path, *STACK)


def test_a_damaged_checkpoint_does_not_take_the_place_of_a_good_one(tmp_path: Path) -> None:
    path = write(tmp_path, *STACK, resources=RESOURCES)
    good = path.read_text()
    for text in (good, "{"):
        path.write_text(text)
        fail_after(lambda: None, tmp_path)
    assert mend(tmp_path, *STACK)
    assert path.read_text() == good
