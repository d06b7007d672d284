"""The one tree of errors; each kind has a stable code and an exit code of its own.

An error says what is wrong, where, and what to do next.  Leaves are built from facts.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

SHOWN: Final = 3
"""How many of a long list of names a message shows."""


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


class GovstackError(Exception):
    """An expected failure: `str()` is the message, `hint` the next step."""

    code: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in the site's files; `line` counts from 1, 0 where there is none."""

    file: str
    line: int
    path: str
    text: str
    hint: str = ""

    @property
    def where(self) -> str:
        """Return ``file:line``, as editors understand it."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def __str__(self) -> str:
        subject = f"{self.path}: " if self.path else ""
        return f"{self.where}: {subject}{self.text}"


class SiteInvalid(GovstackError):
    """The site's files do not describe a cloud; carries every problem found."""

    code = "site-invalid"
    exit_code = 3

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        number = len(problems)
        noun = "problem" if number == 1 else "problems"
        super().__init__(f"the site has {number} {noun}")
        self.problems = tuple(sorted(problems))


class SiteNotFound(GovstackError):
    """No site at the path that was given or searched."""

    code = "site-not-found"
    exit_code = 3


class UnknownSelection(GovstackError):
    """A system, node or environment was named that the site does not have."""

    code = "unknown-selection"
    exit_code = 2


class CapacityExceeded(GovstackError):
    """The cloud's quota, the machine's disk or an address pool is too small."""

    code = "capacity"
    exit_code = 4


class AddressesMissing(GovstackError):
    """Nodes, subnets or routers have no address of their own, only a provisional one."""

    code = "addresses-missing"
    exit_code = 3

    def __init__(self, holders: tuple[str, ...]) -> None:
        super().__init__(
            f"no address is kept for {_some(holders)}",
            hint="govstack allocate writes them into addresses.yaml; commit that file",
        )
        self.holders = holders


class Protected(GovstackError):
    """The environment holds data that may not go."""

    code = "protected"
    exit_code = 10

    def __init__(self, environment: str) -> None:
        super().__init__(
            f"the environment {environment!r} is not disposable: nothing of it is removed",
            hint="if the data may go: govstack down --destroy-data SYSTEM",
        )


class TooMuchLost(GovstackError):
    """A run would delete or replace more that holds data than it may."""

    code = "deletes"
    exit_code = 10

    def __init__(self, lost: tuple[str, ...], allowed: int) -> None:
        super().__init__(
            f"{len(lost)} resources that hold data would be deleted or replaced, "
            f"{allowed or 'none'} may: {_some(lost)}",
            hint=f"see govstack preview; if they may go: --allow-delete {len(lost)}",
        )
        self.lost = lost


class StillUsed(GovstackError):
    """Something that is to go is still used, and cannot stay for a while."""

    code = "still-used"
    exit_code = 10


class ChangesPending(GovstackError):
    """Something that is needed has changes that are not applied."""

    code = "changes-pending"
    exit_code = 10


class InventoryStale(GovstackError):
    """What is recorded of the hosts may not be true any more."""

    code = "inventory"
    exit_code = 10

    def __init__(self, doubts: tuple[str, ...]) -> None:
        super().__init__(
            f"the inventory would not be true: {'; '.join(doubts[:SHOWN])}"
            + (f"; and {len(doubts) - SHOWN} more" if len(doubts) > SHOWN else ""),
            hint="govstack up makes it true; --allow-stale takes it as it is",
        )
        self.doubts = doubts


class StrangersInside(GovstackError):
    """A project that is to go holds things that govstack did not make."""

    code = "strangers"
    exit_code = 10

    def __init__(self, found: tuple[str, ...]) -> None:
        super().__init__(
            f"what is to go holds {len(found)} things that govstack did not make: {_some(found)}",
            hint="ask their owners, have them removed, then try again",
        )
        self.found = found


class RebuildRefused(GovstackError):
    """A node cannot be rebuilt."""

    code = "rebuild"
    exit_code = 10


class EngineFailed(GovstackError):
    """The engine could not carry out an operation."""

    code = "engine"
    exit_code = 5


class ToolchainUnfit(GovstackError):
    """A program that the engine needs is missing, unfit or cannot be had."""

    code = "toolchain"
    exit_code = 5


class StateUnreadable(GovstackError):
    """The environment's store holds something that cannot be read or decrypted."""

    code = "state"
    exit_code = 5


class StateUnreachable(GovstackError):
    """The environment's store did not answer, or refused us."""

    code = "backend"
    exit_code = 5


class KeyManagerFailed(GovstackError):
    """The key manager did not answer, refused us, or has not the key."""

    code = "key-manager"
    exit_code = 5


class Locked(GovstackError):
    """Another run holds the environment."""

    code = "locked"
    exit_code = 7


class CloudUnreachable(GovstackError):
    """The cloud did not answer, or refused us."""

    code = "cloud"
    exit_code = 11


class CatalogMissing(GovstackError):
    """The site names a flavor, image or network that this cloud does not have."""

    code = "catalog"
    exit_code = 11


class SandboxFailed(GovstackError):
    """The embedded cloud could not be installed, started or stopped."""

    code = "sandbox"
    exit_code = 11


class Interrupted(GovstackError):
    """The user stopped the run."""

    code = "interrupted"
    exit_code = 130


class SiteExists(GovstackError):
    """There is something already where a new site is to be."""

    code = "site-exists"
    exit_code = 3


class FilesUnwritable(GovstackError):
    """The site's files could not be changed; they are as they were."""

    code = "files"
    exit_code = 3


class MoveRefused(GovstackError):
    """A system cannot have the id that it is to get."""

    code = "move"
    exit_code = 2


class AnswerRefused(GovstackError):
    """An answer, or what an option says, cannot be."""

    code = "answer"
    exit_code = 2


class ReportUnwritable(GovstackError):
    """The file of a report cannot be written; whatever was there is still there."""

    code = "report"
    exit_code = 2


class TrustFailed(GovstackError):
    """A host does not prove who it is, or a certificate that it needs is not good."""

    code = "trust"
    exit_code = 6


class ProbeFailed(GovstackError):
    """A host could not be asked for what is to be verified."""

    code = "probe"
    exit_code = 6


class FaultRefused(GovstackError):
    """What calls are to meet is no fault."""

    code = "fault"
    exit_code = 2


class AlreadyShown(GovstackError):
    """A secret of a person has been shown to somebody before."""

    code = "shown"
    exit_code = 10


class ConfigureFailed(GovstackError):
    """A host could not be reached, or not be made what the site says."""

    code = "configure"
    exit_code = 6
