"""What the verbs that write and explain a site's files report: init, explain, moved."""

from dataclasses import dataclass

from govstack.operations.report import PlannedNode
from govstack.site.origin import Saying, Where

__all__ = [
    "Explanation",
    "FileMove",
    "InitReport",
    "MoveReport",
    "NewFile",
    "Saying",
    "Setting",
    "Where",
]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One key below a section, with its value in this environment.

    `says` is None where a key that must be there is not.
    """

    path: str
    meaning: str
    says: Saying | None


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
        overrode: what files say that does not count, or takes away, the nearest first.
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
