"""The collection of roles that comes with govstack: which there are, and digests of their files."""

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Final

from govstack.resources import resource

SHARED: Final = ("plugins", "roles/os")
"""What every role goes by."""
LEFT_OUT: Final = ("__pycache__", "README.md", "probes")
"""What changes nothing on a host."""


class Roles:
    """The roles of a collection, such as ``govstack.base``."""

    def __init__(self, collection: str) -> None:
        self.name = collection
        self._namespace, _, name = collection.partition(".")
        self._folder = resource("roles") / self._namespace / name

    def link(self, folder: Path) -> None:
        """Let Ansible find the collection in a folder."""
        place = folder / "ansible_collections"
        place.mkdir(parents=True)
        (place / self._namespace).symlink_to(resource("roles") / self._namespace)

    def digests(self, roles: Collection[str]) -> dict[str, str]:
        """Return the digest of each of these roles, full names, and of what all go by."""
        own = {role: f"roles/{role.rsplit('.', 1)[-1]}" for role in roles}
        return {
            **{shared: self._digest(shared) for shared in SHARED},
            **{role: self._digest(folder) for role, folder in own.items()},
        }

    def _digest(self, folder: str) -> str:
        root = self._folder / folder
        total = hashlib.sha256()
        for path in sorted(root.rglob("*")):
            if path.is_file() and not set(path.relative_to(root).parts) & set(LEFT_OUT):
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                total.update(f"{path.relative_to(root)} {content}\n".encode())
        return total.hexdigest()
