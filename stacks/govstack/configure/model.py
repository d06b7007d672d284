"""What is run on which hosts, and what is told of it; what goes between the processes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from govstack.inventory.variables.model import HostRoles


class Did(StrEnum):
    """What a task did on a host."""

    OK = "ok"
    CHANGED = "changed"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDone:
    """What a task did on a host.

    Attributes:
        role: without its collection, empty for what belongs to none.
        module: that ran, with its collection.
        told: why it failed.
        diff: what it changed, as lines; empty where nobody asked or where it holds secrets.
    """

    host: str
    role: str
    task: str
    did: Did
    module: str = ""
    told: str = ""
    diff: str = ""


@dataclass(frozen=True, slots=True)
class TaskBegan:
    """A task begins on all hosts of a play that are still well."""

    role: str
    task: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a batch ended.

    Attributes:
        hosts: whether all went well, of those that failed or had all of their roles.
        told: what was said where nothing could be run at all.
    """

    hosts: Mapping[str, bool]
    told: str = ""


Message = TaskBegan | TaskDone | Ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Hosts that are configured together.

    Attributes:
        serial: whether one after another, the next one only if all is well with the one before.
    """

    layer: str
    hosts: tuple[HostRoles, ...]
    serial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a worker runs.

    Attributes:
        folder: a new one, which keeps what was run and what it did.
        private: a new one, which is removed afterwards: secrets are there.
        inventory: files, the one with secrets last.
        playbook: the file with plays.
        collections: the folder that holds ``ansible_collections``.
        hosts: their names.
        check: whether nothing is to be changed.
        diff: whether to tell what is changed.
        at_once: how many hosts at the same time.
        fast: whether to go by mitogen, where that is installed.
        hidden: texts that must not be told.
    """

    folder: Path
    private: Path
    inventory: tuple[Path, ...]
    playbook: Path
    collections: Path
    hosts: tuple[str, ...]
    check: bool = False
    diff: bool = False
    at_once: int = 6
    fast: bool = True
    hidden: tuple[str, ...] = field(default=(), repr=False)
