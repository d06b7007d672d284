"""What the verbs that write and explain a site's files report: init, explain, moved."""

from dataclasses import dataclass
from enum import StrEnum

from govstack.operations.report import PlannedNode


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMove:
    """A file of the site that a move changes; `diff` has the lines of a unified diff."""

    path: str
    new_path: str
    diff: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveReport:
    """A system that got another id or layer.

    Attributes:
        old: the id that it had.
        new: the id that it has.
        birth: the id that it was first declared with, which names it in the cloud.
        layer: the layer that it went to; empty if it stayed.
        root: the site's folder, which the files' paths begin below.
        written: False with a dry run, or if the user declined.
        confirmed: False if the user, having seen the difference, declined.
    """

    site: str
    name: str
    root: str
    old: str
    new: str
    birth: str
    layer: str
    files: tuple[FileMove, ...]
    written: bool
    confirmed: bool = True


class Where(StrEnum):
    """What kind of file, if any, a setting's value comes from."""

    SITE = "site"
    OVERLAY = "overlay"
    ENVIRONMENT = "environment"
    PROFILE = "profile"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What one file says of a setting; `removed` if it takes it away.

    `by` is the name of the overlay, environment or profile; `place` is ``file:line``.
    """

    value: object
    where: Where
    by: str = ""
    place: str = ""
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One key below a section, with its value in this environment.

    `meaning` is that of the key; `is_set` tells whether a file says something of it.
    """

    path: str
    meaning: str
    is_set: bool
    says: Saying


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a setting means, what it is in this environment, and where that comes from.

    Attributes:
        meaning: one line.
        detail: what else is known of this kind of value or section; may be empty.
        allowed: what may stand there, in words; empty for sections.
        default: what it is where no file says anything; None also if there is no default.
        required: whether it must be written.
        example: a value as it could be written; None if there is none.
        now: what counts; None if a required setting is missing, or for sections.
        overrode: what other files say and what does not count, the nearest first.
        settings: what is below a section.
        nodes: what follows for nodes.
    """

    site: str
    environment: str
    path: str
    meaning: str
    detail: str
    allowed: str
    default: object
    required: bool
    example: object
    now: Saying | None
    overrode: tuple[Saying, ...]
    settings: tuple[Setting, ...]
    nodes: tuple[PlannedNode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file of a new site; `text` is left out where it has been written already."""

    path: str
    lines: int
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InitReport:
    """A new site; with a dry run `written` is False, and the files carry their text."""

    site: str
    name: str
    root: str
    environments: tuple[str, ...]
    systems: tuple[str, ...]
    files: tuple[NewFile, ...]
    addresses: int
    written: bool
