"""Backups as one file: a tar of sealed files, with a list of their digests."""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from govstack.errors import StateUnreadable
from govstack.state.copy import WorkingCopy
from govstack.state.files import private_folder
from govstack.state.keys import Keys, Wrapped, parse_wrapped
from govstack.state.seal import Sealer

FORMAT: Final = 1
CONTENTS: Final = "govstack-state.json"
"""The member that lists the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What a backup holds: the environment it is of, when it was made, its files."""

    environment: str
    made: str
    files: Mapping[str, bytes]


def write_archive(path: Path, environment: str, copy: WorkingCopy, keys: Keys) -> Archive:
    """Write all files of the copy into a new archive, sealed with the passphrase.

    A key that a key manager has wrapped goes with it, a passphrase does not.

    Raises:
        StateUnreadable: the file exists, or cannot be written.
    """
    sealer = Sealer(keys.phrase)
    made = Archive(
        environment=environment,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        files=copy.files(),
    )
    sealed = {name: sealer.seal(name, data) for name, data in made.files.items()}
    body = {
        "format": FORMAT,
        "environment": made.environment,
        "made": made.made,
        **({"key": keys.wrapped.as_json()} if keys.wrapped else {}),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sealed.items()},
    }
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        private_folder(path.parent)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as tar:
            for name, data in {CONTENTS: json.dumps(body).encode(), **sealed}.items():
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(data), 0o600
                tar.addfile(member, io.BytesIO(data))
        os.link(temporary, path)
    except OSError as error:
        raise StateUnreadable(
            f"the backup {path} cannot be written: {error.strerror or error}",
            hint="name another file with --to",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    return made


def wrapped_of_archive(path: Path) -> Wrapped | None:
    """Return the wrapped key that a backup was sealed with; None if it was a passphrase.

    Raises:
        StateUnreadable: the backup is damaged.
    """
    key = _members(path)[0].get("key")
    return parse_wrapped(json.dumps(key).encode(), str(path)) if key else None


def read_archive(path: Path, keys: Keys) -> Archive:
    """Return what a backup holds, each file compared with its digest.

    Raises:
        StateUnreadable: it is damaged, of a newer format, or made with another passphrase.
    """
    body, members = _members(path)
    wanted: Mapping[str, str] = body["files"]
    found = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    wrong = sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))
    if wrong:
        raise _unreadable(path, f"damaged or missing: {', '.join(wrong)}")
    sealer = Sealer(keys.phrase)
    files = {name: sealer.open(name, data) for name, data in members.items()}
    return Archive(environment=body["environment"], made=body["made"], files=files)


def _members(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return what a backup says of itself, and its sealed files."""
    try:
        with tarfile.open(path, mode="r:gz") as tar:
            opened = {each.name: tar.extractfile(each) for each in tar.getmembers()}
            members = {name: file.read() for name, file in opened.items() if file}
        body = json.loads(members.pop(CONTENTS))
    except (OSError, tarfile.TarError, EOFError, ValueError, KeyError) as error:
        raise _unreadable(path, f"it is no whole backup ({error})") from error
    if body["format"] != FORMAT:
        raise _unreadable(path, f"its format is {body['format']}, this govstack reads {FORMAT}")
    return body, members


def _unreadable(path: Path, reason: str) -> StateUnreadable:
    return StateUnreadable(
        f"the backup {path} cannot be restored: {reason}",
        hint="nothing was changed; use another backup",
    )
