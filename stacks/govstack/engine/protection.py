"""Lifts the engine's protection from what was foreseen to go, and from nothing else.

What holds data is protected in the checkpoint: neither a run that was not foreseen nor plain
``pulumi`` deletes it.  A preview is made on a copy without protection, or it would fail where it
should tell what would be lost.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from govstack.engine.checkpoint import checkpoint_path, name_in
from govstack.engine.job import Job, Verb
from govstack.values.change import Change

EVERYTHING: Final = frozenset({"*"})
"""Lifts the protection of all that a stack holds."""


def key_of(change: Change) -> str:
    """Return what `Job.unprotects` calls the resource of a change."""
    return f"{change.type}::{change.name}"


@contextmanager
def protection_lifted(job: Job) -> Iterator[Job]:
    """Lift the protection that a job may lift; yields the job to run instead.

    For a preview it is lifted in a copy, for anything else in the stack itself.
    """
    path = checkpoint_path(job.engine.backend, job.project, job.stack_name)
    lifted = _lifted(path, job.unprotects)
    if lifted is None:
        yield job
    elif job.verb in {Verb.PREVIEW, Verb.PREVIEW_DESTROY}:
        with tempfile.TemporaryDirectory(prefix="govstack-preview-") as folder:
            copy = replace(job, engine=replace(job.engine, backend=Path(folder, "backend")))
            _copy_backend(job, copy, lifted)
            yield copy
    else:
        _write(path, lifted)
        yield job


def _lifted(path: Path, names: frozenset[str]) -> str | None:
    """Return the checkpoint without the protection of these; None if there is nothing to lift."""
    if not names or not path.exists():
        return None
    body = json.loads(path.read_bytes())
    resources = (body["checkpoint"].get("latest") or {}).get("resources") or []
    found = [each for each in resources if each.get("protect") and _is_named(each, names)]
    if not found:
        return None
    for each in found:
        del each["protect"]
    return json.dumps(body, indent=4)


def _is_named(resource: dict[str, Any], names: frozenset[str]) -> bool:
    key = f"{resource['type']}::{name_in(resource['urn'])}"
    return names == EVERYTHING or key in names


def _copy_backend(job: Job, copy: Job, checkpoint: str) -> None:
    """Make a backend that holds this one stack; its settings stay where they are."""
    target = checkpoint_path(copy.engine.backend, job.project, job.stack_name)
    target.parent.mkdir(mode=0o700, parents=True)
    _write(target, checkpoint)
    for meta in (job.engine.backend / ".pulumi").glob("meta.*"):
        shutil.copy2(meta, copy.engine.backend / ".pulumi")


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.new")
    temporary.touch(mode=0o600)
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
