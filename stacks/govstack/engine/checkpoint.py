"""The checkpoints of a file backend, read directly."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

INSTANCE: Final = "openstack:compute/instance:Instance"


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


def resources_of(backend: Path, project: str, stack: str) -> list[dict[str, Any]]:
    """Return the resources of a stack's checkpoint as the engine wrote them; none without one."""
    path = checkpoint_path(backend, project, stack)
    try:
        body = json.loads(path.read_bytes())
    except FileNotFoundError:
        return []
    return list((body["checkpoint"].get("latest") or {}).get("resources") or [])


def ids_in(backend: Path, project: str, stack: str) -> frozenset[str]:
    """Return the cloud's ids of all that a stack manages."""
    resources = resources_of(backend, project, stack)
    return frozenset(str(each["id"]) for each in resources if each.get("id"))


def born_images(backend: Path, project: str, stack: str) -> dict[str, str]:
    """Return the id of the image that each server was born from, by the server's name."""
    return {
        name_in(each["urn"]): str(each["outputs"]["imageId"])
        for each in resources_of(backend, project, stack)
        if each["type"] == INSTANCE and each.get("outputs", {}).get("imageId")
    }


def servers_in(backend: Path, project: str, stack: str, names: tuple[str, ...]) -> list[str]:
    """Return the URNs of the servers of these names."""
    return [
        str(each["urn"])
        for each in resources_of(backend, project, stack)
        if each["type"] == INSTANCE and name_in(each["urn"]) in names
    ]


def name_in(urn: str) -> str:
    """Return the name of the resource that a URN is of."""
    return urn.rsplit("::", 1)[-1]
