"""Moved: gives a system another id, or another layer, in all of the site's files."""

import difflib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from govstack.errors import MoveRefused, Problem, SiteInvalid, UnknownSelection
from govstack.operations.files import NewText, replace_files
from govstack.operations.reports_site import FileMove, MoveReport
from govstack.operations.target import Target
from govstack.site.document import read_document
from govstack.site.ends import ANY, INTERNET
from govstack.site.fields import Id
from govstack.site.load import load_site
from govstack.site.model import PLATFORM, Site
from govstack.site.rename import Change, File, Kind, Move, birth_of, changes_of
from govstack.site.sources import ADDRESS_FILE, OVERLAYS, SITE_FILE, environments_of
from govstack.values.result import Result
from govstack.values.suggestion import suggestion

MEANT: Final = {
    PLATFORM: "the platform itself",
    ANY: "every system, in flows",
    INTERNET: "everybody outside, in flows",
}
"""Ids that no system can have, with what they mean."""

COPIED: Final = frozenset(
    {SITE_FILE, ADDRESS_FILE, "systems", "environments", OVERLAYS, "profiles"}
)
"""What of a site's folder is read to check it; anything else may be large."""

Confirm = Callable[[MoveReport], bool]


def moved(
    target: Target,
    old: str,
    new: str,
    *,
    layer: str = "",
    write: bool = True,
    confirm: Confirm | None = None,
) -> Result[MoveReport]:
    """Rename a system in the site's files, and check the site before anything is written.

    Args:
        target: the site; all of its environments are checked, whichever is chosen.
        old: the system's id.
        new: the id that it is to have; the same if only its layer changes.
        layer: the layer that it is to be in; empty if it stays.
        write: False only tells what would change.
        confirm: asked before anything is written; None writes unasked.

    Raises:
        SiteInvalid: the site is not valid, or would not be valid afterwards.
        UnknownSelection: there is no such system.
        MoveRefused: the system cannot have that id.
        FilesUnwritable: a file could not be written; all are as they were.
    """
    site = _checked(target.root)
    files = _files(target.root)
    move = Move(old, new, layer)
    _check(files, move)
    changes = changes_of(files, move)
    if not changes:
        raise MoveRefused(f"{old} is in the layer {layer} already", hint="name another one")
    _try(target.root, changes)
    report = _report(target.root, site, move, birth_of(files, old), changes)
    if not write:
        return Result(data=report)
    if confirm is not None and not confirm(report):
        return Result(data=replace(report, confirmed=False))
    _write(target.root, changes)
    return Result(data=replace(report, written=True))


def _report(
    root: Path, site: Site, move: Move, birth: str, changes: tuple[Change, ...]
) -> MoveReport:
    return MoveReport(
        site=site.id,
        name=site.name,
        root=str(root),
        old=move.old,
        new=move.new,
        birth=birth,
        layer=move.layer,
        files=tuple(_file_move(change) for change in changes),
        written=False,
    )


def _checked(root: Path) -> Site:
    """Check the site in all of its environments; return it in one of them."""
    sites = [load_site(root, name) for name in environments_of(root)]
    return sites[0] if sites else load_site(root, "sandbox")


def _files(root: Path) -> tuple[File, ...]:
    """Return every file that may name a system, those of no environment too."""
    patterns = {
        SITE_FILE: Kind.SITE,
        "systems/*.yaml": Kind.SYSTEM,
        f"{OVERLAYS}/*/{SITE_FILE}": Kind.SITE,
        f"{OVERLAYS}/*/systems/*.yaml": Kind.SYSTEM,
        "environments/*.yaml": Kind.ENVIRONMENT,
    }
    problems: list[Problem] = []
    files = []
    for pattern, kind in patterns.items():
        for path in sorted(root.glob(pattern)):
            if read_document(path, problems) is not None:
                text = path.read_bytes().decode()
                files.append(File(path.relative_to(root).as_posix(), kind, text))
    if problems:
        raise SiteInvalid(tuple(problems))
    return tuple(files)


def _check(files: tuple[File, ...], move: Move) -> None:
    known = sorted({file.stem for file in files if file.kind is Kind.SYSTEM})
    if move.old not in known:
        raise UnknownSelection(f"there is no system {move.old!r}", hint=suggestion(move.old, known))
    if move.new == move.old:
        if not move.layer:
            raise MoveRefused(
                f"{move.old} is the system's id already", hint="name another one, or a --layer"
            )
        return
    try:
        TypeAdapter(Id).validate_python(move.new)
    except ValidationError as error:
        said = error.errors()[0]["ctx"]
        raise MoveRefused(said["text"], hint=said["hint"]) from error
    if move.new in MEANT:
        raise MoveRefused(f"the id {move.new!r} means {MEANT[move.new]}", hint="choose another")
    births = {birth_of(files, system): system for system in known}
    if move.new in known:
        raise MoveRefused(f"the id {move.new!r} is taken", hint="choose another")
    owner = births.get(move.new, move.old)
    if owner != move.old:
        raise MoveRefused(
            f"{move.new!r} is the id that {owner} was first declared with",
            hint="choose another: what is in the cloud goes by it",
        )


def _try(root: Path, changes: tuple[Change, ...]) -> None:
    """Check the site as it would be, in a copy.

    Raises:
        SiteInvalid: it would not be valid; problems are named as if it had been written.
    """
    with tempfile.TemporaryDirectory(prefix="govstack-") as folder:
        copy = Path(folder) / root.resolve().name
        _copy(root, copy)
        for change in changes:
            (copy / change.path).unlink()
        for change in changes:
            (copy / change.new_path).write_bytes(change.after.encode())
        try:
            _checked(copy)
        except SiteInvalid as error:
            problems = tuple(
                replace(problem, file=problem.file.replace(str(copy), str(root)))
                for problem in error.problems
            )
            refusal = SiteInvalid(problems)
            refusal.hint = "so it would be after the move; nothing was changed"
            raise refusal from error


def _copy(root: Path, copy: Path) -> None:
    copy.mkdir()
    for entry in root.iterdir():
        if entry.name not in COPIED:
            (copy / entry.name).symlink_to(entry.resolve())
        elif entry.is_dir():
            shutil.copytree(entry, copy / entry.name)
        else:
            shutil.copyfile(entry, copy / entry.name)


def _write(root: Path, changes: tuple[Change, ...]) -> None:
    replace_files([NewText(root / c.path, root / c.new_path, c.after) for c in changes])


def _file_move(change: Change) -> FileMove:
    lines = difflib.unified_diff(
        change.before.splitlines(),
        change.after.splitlines(),
        change.path,
        change.new_path,
        n=1,
        lineterm="",
    )
    return FileMove(path=change.path, new_path=change.new_path, diff=tuple(lines))
