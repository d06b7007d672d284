"""The working copy: the files of an environment's folder that its store keeps.

The engine works on files, whatever the store, so that no step of it waits for a network.  What
has changed is found as git does it: by inode, size and time first, by content only then.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase as fnmatch
from pathlib import Path, PurePosixPath
from typing import Final

from govstack.errors import Locked, StateUnreadable
from govstack.state.book import Book, Shelf
from govstack.state.files import write_private

PARTS: Final = (
    # A record says what its checkpoint was: read first, it never knows more than the checkpoint.
    "records/*.json",
    "hosts/*.json",
    "pulumi/.pulumi/meta.yaml",
    "pulumi/.pulumi/stacks/*/*.json",
    "workspaces/*/*/Pulumi.*.yaml",
    "passwords.json",
    "vault/*.yml",
    # Servers are born with the public half: made anew elsewhere, it would replace them all.
    "ssh/id_ed25519",
    "ssh/id_ed25519.pub",
    # And with the site's authority; its keys are in the vault.
    "trust/*",
)
"""What belongs to the state; the passphrase and clouds.yaml do not."""

LEFT_OUT: Final = (".bak.json", ".attrs")
ENGINE: Final = "pulumi"
FORMAT: Final = 1

Look = tuple[int, int, int]
"""Inode, size and time of a file."""


@dataclass(frozen=True, slots=True)
class Marker:
    """The copy as it was when it was last the same as a book of the store."""

    store: str = ""
    number: int = 0
    files: Mapping[str, tuple[str, Look]] = field(default_factory=dict)


class WorkingCopy:
    """One folder, and one shelf that it is kept on; `marker` is where what it knows is kept."""

    def __init__(self, root: Path, shelf: Shelf, marker: Path) -> None:
        self._root = root
        self._shelf = shelf
        self._marker = marker

    def bring(self) -> Path | None:
        """Make the copy the same as the last book; return the folder of what was set aside.

        What this machine has changed since the book that it knows is kept if that is still the
        last one: the run that changed it died, or the store did not answer.  If others went on
        meanwhile, it is set aside.
        """
        marker = self._read_marker()
        book = self._shelf.latest()
        if book is None or book.number == marker.number:
            return None
        here = self._looks()
        known = {path: look for path, (_, look) in marker.files.items()}
        aside = self._set_aside(here) if here != known else None
        if aside:
            marker, here = Marker(), {}
        same = {path for path, (name, _) in marker.files.items() if book.files.get(path) == name}
        wanted = {path: name for path, name in book.files.items() if path not in same}
        contents = self._shelf.contents(wanted.values())
        for path, name in wanted.items():
            write_private_bytes(self._root / path, contents[name])
        for path in here.keys() - book.files.keys():
            (self._root / path).unlink(missing_ok=True)
        self._keep_marker(book)
        return aside

    def keep(self, reason: str, *, always: bool = False) -> Book | None:
        """Add a book with what the copy has now; return it, None if nothing has changed.

        Args:
            reason: what the run does.
            always: add a book also if nothing has changed, so that nobody else can.

        Raises:
            Locked: someone else has added a book meanwhile.
        """
        marker = self._read_marker()
        if not always and self._looks() == {p: look for p, (_, look) in marker.files.items()}:
            return None
        before = self._shelf.latest()
        known = {path: name for path, (name, _) in marker.files.items()}
        if (before.number if before else 0) != marker.number or (before and before.files != known):
            raise _overtaken(self._shelf.name)
        files, new = self._changed(marker, before)
        if not always and before and {p: n for p, (n, _) in files.items()} == before.files:
            self._write_marker(Marker(self._shelf.name, marker.number, files))
            return None
        names = {path: name for path, (name, _) in files.items()}
        book = self._shelf.add(marker.number, reason, names, new)
        if book is None:
            raise _overtaken(self._shelf.name)
        self._write_marker(Marker(self._shelf.name, book.number, files))
        return book

    def keep_anew(self, reason: str) -> None:
        """Add a book with all that the copy has, after books that another passphrase opens.

        Raises:
            Locked: someone else has added a book meanwhile.
        """
        files, new = self._changed(Marker(), None)
        names = {path: name for path, (name, _) in files.items()}
        book = self._shelf.add(self._shelf.last_number(), reason, names, new)
        if book is None:
            raise _overtaken(self._shelf.name)
        self._write_marker(Marker(self._shelf.name, book.number, files))

    def verify(self, book: Book) -> None:
        """Make sure that the store gives back what the copy has.

        Raises:
            StateUnreadable: it does not.
        """
        contents = self._shelf.contents(book.files.values())
        wrong = [
            path
            for path, name in book.files.items()
            if contents[name] != (self._root / path).read_bytes()
        ]
        if wrong or set(book.files) != set(self._looks()):
            raise StateUnreadable(f"{self._shelf.name} does not hold what was put there: {wrong}")

    def files(self) -> dict[str, bytes]:
        """Return all files as they are."""
        return {path: (self._root / path).read_bytes() for path in self._looks()}

    def replace(self, files: Mapping[str, bytes]) -> None:
        """Make the copy hold these files and no others.

        Raises:
            StateUnreadable: one has a name that no file of a state has.
        """
        strange = sorted(path for path in files if not _belongs(path))
        if strange:
            raise StateUnreadable(f"no files of a state: {', '.join(strange)}")
        for path in self._looks().keys() - files.keys():
            (self._root / path).unlink()
        for path, data in files.items():
            write_private_bytes(self._root / path, data)

    def is_kept(self) -> bool:
        """Tell whether the store has all that the copy has."""
        known = {path: look for path, (_, look) in self._read_marker().files.items()}
        return self._looks() == known

    def wipe(self) -> None:
        """Remove the copy; the store keeps what it holds."""
        for path in self._looks():
            (self._root / path).unlink(missing_ok=True)
        # The engine's history and its former checkpoints hold the same in clear.
        shutil.rmtree(self._root / ENGINE, ignore_errors=True)
        self._marker.unlink(missing_ok=True)

    def _changed(
        self, marker: Marker, before: Book | None
    ) -> tuple[dict[str, tuple[str, Look]], dict[str, bytes]]:
        """Return name and look of every file, and the contents that the store has not."""
        files: dict[str, tuple[str, Look]] = {}
        new: dict[str, bytes] = {}
        there = set(before.files.values()) if before else set()
        for path, look in self._looks().items():
            known = marker.files.get(path)
            if known and known[1] == look:
                files[path] = known
                continue
            try:
                data = (self._root / path).read_bytes()
            except FileNotFoundError:
                continue
            name = self._shelf.name_of(data)
            files[path] = (name, look)
            if name not in there:
                new[name] = data
        return files, new

    def _looks(self) -> dict[str, Look]:
        return dict(self._walk())

    def _walk(self) -> Iterator[tuple[str, Look]]:
        for part in PARTS:
            for path in sorted(self._root.glob(part)):
                if path.name.startswith(".") or path.name.endswith(LEFT_OUT):
                    continue
                try:
                    found = path.stat()
                except FileNotFoundError:
                    continue
                look = (found.st_ino, found.st_size, found.st_mtime_ns)
                yield str(path.relative_to(self._root)), look

    def _set_aside(self, here: Mapping[str, Look]) -> Path | None:
        if not here:
            return None
        return set_aside(self._root, *here)

    def _keep_marker(self, book: Book) -> None:
        looks = self._looks()
        files = {path: (name, looks[path]) for path, name in book.files.items()}
        self._write_marker(Marker(self._shelf.name, book.number, files))

    def _read_marker(self) -> Marker:
        try:
            body = json.loads(self._marker.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return Marker()
        if body["format"] != FORMAT or body["store"] != self._shelf.name:
            return Marker()
        files = {path: (name, (a, b, c)) for path, (name, (a, b, c)) in body["files"].items()}
        return Marker(body["store"], body["number"], files)

    def _write_marker(self, marker: Marker) -> None:
        body = {
            "format": FORMAT,
            "store": marker.store,
            "number": marker.number,
            "files": marker.files,
        }
        write_private(self._marker, json.dumps(body))


def set_aside(root: Path, *paths: str) -> Path:
    """Move files or folders out of the way, into a folder of this moment; return that."""
    folder = root / "aside" / datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    for path in paths:
        (folder / path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(root / path, folder / path)
    return folder


def _belongs(path: str) -> bool:
    pure = PurePosixPath(path)
    return ".." not in pure.parts and any(_fits(pure, PurePosixPath(part)) for part in PARTS)


def _fits(path: PurePosixPath, part: PurePosixPath) -> bool:
    names = zip(path.parts, part.parts, strict=False)
    return len(path.parts) == len(part.parts) and all(fnmatch(a, b) for a, b in names)


def write_private_bytes(path: Path, data: bytes) -> None:
    """Write a file of mode 0600; all that is kept in a store is text."""
    write_private(path, data.decode("utf-8"))


def _overtaken(store: str) -> Locked:
    return Locked(
        f"someone else has changed the state in {store} meanwhile; nothing of it was overwritten",
        hint="see govstack lock show; then run the same command again",
    )
