"""What is told of an environment's lock and state."""

from dataclasses import dataclass

from govstack.site.kinds import Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderReport:
    """Who holds an environment; `life` is ``alive``, ``dead`` or ``unknown`` for a run."""

    person: str
    reason: str
    since: str
    expires: str = ""
    pid: int = 0
    life: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakReport:
    """A lock that was broken."""

    by: str
    when: str
    why: str
    broken: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LockReport:
    """The lock of an environment.

    Attributes:
        action: what was just done: ``taken``, ``released``, ``broken``; empty if nothing.
        people: whoever holds it across runs.
        run: the run that changes it.
        breaks: all that were ever broken, oldest first.
    """

    site: str
    name: str
    environment: str
    action: str = ""
    people: HolderReport | None = None
    run: HolderReport | None = None
    breaks: tuple[BreakReport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StackState:
    """One stack in the state."""

    layer: Layer
    system: str
    name: str
    resources: int
    size: int
    updated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupReport:
    """A backup: an automatic one by its number, or a file."""

    made: str
    reason: str
    files: int
    number: int = 0
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateReport:
    """An environment's state: where it is, its stacks, its automatic backups.

    It is sealed with a passphrase, in the file of this name, or with a key of a key manager.
    """

    site: str
    name: str
    environment: str
    store: str
    passphrase: str = ""
    key_manager: str = ""
    stacks: tuple[StackState, ...]
    backups: tuple[BackupReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupMade:
    """A backup that was made, or from which the state was restored."""

    site: str
    name: str
    environment: str
    backup: BackupReport
    passphrase: str = ""
    key_manager: str = ""
    restored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMoved:
    """A state that was moved to another store; `backend` is what the file must say now."""

    site: str
    name: str
    environment: str
    before: str
    after: str
    backend: str
    file: str
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationReport:
    """A passphrase or a key manager's key that was changed; `files` are encrypted anew."""

    site: str
    name: str
    environment: str
    files: int
    passphrase: str = ""
    key_manager: str = ""
