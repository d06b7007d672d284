"""The checkpoints of a file backend, read directly."""

import hashlib
import json
from pathlib import Path

from govstack.errors import StateUnreadable

PROVIDERS = ("pulumi:", "govstack:")
"""Types that are no cloud resources: the stack, its providers, components."""


def checkpoint_path(backend: Path, project: str, stack: str) -> Path:
    """Return where the backend keeps a stack's checkpoint."""
    return backend / ".pulumi" / "stacks" / project / f"{stack}.json"


def checkpoint_digest(backend: Path, project: str, stack: str) -> str:
    """Return the digest of a stack's checkpoint, empty where there is none."""
    path = checkpoint_path(backend, project, stack)
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


def known_stacks(backend: Path) -> tuple[tuple[str, str], ...]:
    """Return (project, stack) of every checkpoint in the backend, sorted."""
    folder = backend / ".pulumi" / "stacks"
    return tuple(
        sorted(
            (path.parent.name, path.stem)
            for path in folder.glob("*/*.json")
            if not path.name.endswith(".bak.json")
        )
    )


def resource_count(backend: Path, project: str, stack: str) -> int:
    """Return how many cloud resources a stack's checkpoint holds.

    Raises:
        StateUnreadable: the checkpoint is damaged.
    """
    path = checkpoint_path(backend, project, stack)
    if not path.exists():
        return 0
    try:
        latest = json.loads(path.read_bytes())["checkpoint"]["latest"] or {}
        types = [resource["type"] for resource in latest.get("resources") or []]
    except (ValueError, KeyError, TypeError) as error:
        raise StateUnreadable(
            f"the state of {project}/{stack} cannot be read: {path}: {error}",
            hint=f"restore it from the copy beside it: {path}.bak",
        ) from error
    return sum(not kind.startswith(PROVIDERS) for kind in types)
