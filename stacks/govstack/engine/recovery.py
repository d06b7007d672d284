"""What checkpoints of a file backend know of the cloud, and what an interruption left in them."""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from govstack.engine.checkpoint import checkpoint_path, known_stacks
from govstack.errors import StateUnreadable

CREATING: Final = "creating"
PENDING: Final = "pending_operations"
BEFORE: Final = ".before"
"""How the name of a checkpoint ends that was put aside for the time of an operation."""

Known = frozenset[tuple[str, str]]
"""What is in the state, as (type, id)."""


@dataclass(frozen=True, slots=True)
class Pending:
    """An operation whose end the engine did not see."""

    operation: str
    type: str
    name: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a checkpoint holds: the things in the cloud, and what was under way.

    `unready` are those that were made, and did not become what they were to be.
    """

    known: Known
    pending: tuple[Pending, ...] = ()
    unready: Known = frozenset()

    @property
    def half_made(self) -> frozenset[str]:
        """Return the names of what may or may not have been made."""
        return frozenset(each.name for each in self.pending if each.operation == CREATING)


def remembered(backend: Path, project: str, stack: str) -> Remembered:
    """Return what the checkpoint of a stack holds; nothing, where there is none.

    Raises:
        StateUnreadable: the checkpoint is damaged.
    """
    path = checkpoint_path(backend, project, stack)
    latest = _latest(_read(path))
    resources = latest.get("resources") or []
    return Remembered(
        known=frozenset((str(each["type"]), str(each["id"])) for each in resources if "id" in each),
        pending=tuple(_pending(latest)),
        unready=frozenset(
            (str(each["type"]), str(each["id"])) for each in resources if each.get("initErrors")
        ),
    )


def known_to_all(backend: Path) -> Known:
    """Return all that any stack of the backend knows of.

    Raises:
        StateUnreadable: a checkpoint is damaged, so that nobody can tell what is in no state.
    """
    found = (remembered(backend, *stack).known for stack in known_stacks(backend))
    return frozenset().union(*found)


def settle(backend: Path, project: str, stack: str) -> None:
    """Drop what was under way from a stack's checkpoint, once the cloud has been looked at."""
    path = checkpoint_path(backend, project, stack)
    body = _read(path)
    if _latest(body).pop(PENDING, None):
        _replace(path, json.dumps(body, indent=4, ensure_ascii=False))


@contextmanager
def put_aside(backend: Path, project: str, stack: str) -> Iterator[None]:
    """Keep a copy of the checkpoint until the body has succeeded.

    On a full disk the engine leaves half a checkpoint, and half a one in the copy that it makes of
    each before it writes the next.
    """
    path = checkpoint_path(backend, project, stack)
    aside = path.with_name(f"{path.name}{BEFORE}")
    with suppress(StateUnreadable, FileNotFoundError):
        _read(path)
        _write(aside, path.read_text(encoding="utf-8"))
    yield
    aside.unlink(missing_ok=True)


def mend(backend: Path, project: str, stack: str) -> bool:
    """Put a checkpoint that is damaged back as it was before the last operation, if that is known.

    What was made since is then in no state, and looked for like all that an interrupted run left.
    """
    path = checkpoint_path(backend, project, stack)
    aside = path.with_name(f"{path.name}{BEFORE}")
    _drop_half_written(path, backend, f"{project}/{stack}")
    try:
        _read(path)
    except StateUnreadable:
        if not aside.exists():
            return False
        _read(aside)
        _replace(path, aside.read_text(encoding="utf-8"))
        return True
    return False


def _drop_half_written(path: Path, backend: Path, stack: str) -> None:
    """Remove what the engine can do without: notes beside files, the history of its operations."""
    folders = [backend / ".pulumi" / name / stack for name in ("history", "backups")]
    kept = (each for folder in folders for each in folder.glob("*"))
    for each in (*path.parent.glob(f"{path.name}*.attrs"), *kept):
        try:
            json.loads(each.read_text(encoding="utf-8"))
        except ValueError:
            each.unlink()


def _replace(path: Path, text: str) -> None:
    # Its digest of the content would be that of the old one.
    path.with_name(f"{path.name}.attrs").unlink(missing_ok=True)
    _write(path, text)


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    try:
        body: dict[str, Any] = dict(json.loads(text))
    except (ValueError, TypeError) as error:
        raise StateUnreadable(
            f"the checkpoint {path} is damaged ({error})",
            hint="restore it from the .bak file beside it, or from a backup",
        ) from error
    return body


def _latest(body: Mapping[str, Any]) -> dict[str, Any]:
    checkpoint = body.get("checkpoint") or {}
    latest: dict[str, Any] = checkpoint.get("latest") or {}
    return latest


def _pending(latest: Mapping[str, Any]) -> Iterator[Pending]:
    for each in latest.get(PENDING) or []:
        resource = each["resource"]
        name = str(resource["urn"]).rsplit("::", 1)[-1]
        yield Pending(str(each["type"]), str(resource["type"]), name)
