"""The checkpoints of a file backend, read directly."""

import hashlib
from pathlib import Path


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
