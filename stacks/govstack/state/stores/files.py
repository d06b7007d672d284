"""A store in a folder: the environment's own, or one that machines share."""

import os
import secrets
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from govstack.errors import StateUnreachable
from govstack.state.files import private_folder


class FileStore:
    """One file for each object; what is being written bears a name that begins with a dot."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @classmethod
    def at(cls, address: str, inside: str) -> Self:
        """Return the store at ``file:///FOLDER``."""
        return cls(Path(unquote(urlsplit(address).path), inside))

    @property
    def name(self) -> str:
        """Return the folder's address."""
        return self._root.absolute().as_uri()

    def get(self, key: str) -> bytes | None:
        """Return an object, None where there is none."""
        try:
            return (self._root / key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreachable(error) from error

    def put(self, key: str, data: bytes) -> None:
        """Keep an object, in place of the one that there may be."""
        try:
            self._written(key, data).rename(self._root / key)
        except OSError as error:
            raise self._unreachable(error) from error

    def create(self, key: str, data: bytes) -> bool:
        """Keep an object that is not there yet."""
        try:
            temporary = self._written(key, data)
            try:
                # A link is made whole or not at all, on network file systems too.
                os.link(temporary, self._root / key)
            finally:
                temporary.unlink()
        except FileExistsError:
            return False
        except OSError as error:
            raise self._unreachable(error) from error
        return True

    def delete(self, key: str) -> None:
        """Remove an object, if it is there."""
        try:
            (self._root / key).unlink(missing_ok=True)
        except OSError as error:
            raise self._unreachable(error) from error

    def list(self, prefix: str) -> tuple[str, ...]:
        """Return the keys that begin so, sorted."""
        folder = self._root / prefix.rpartition("/")[0]
        found = (
            str(Path(parent, name).relative_to(self._root))
            for parent, _, names in os.walk(folder)
            for name in names
            if not name.startswith(".")
        )
        return tuple(sorted(key for key in found if key.startswith(prefix)))

    def _written(self, key: str, data: bytes) -> Path:
        path = self._root / key
        private_folder(path.parent)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return temporary

    def _unreachable(self, error: OSError) -> StateUnreachable:
        return StateUnreachable(
            f"the store {self.name} cannot be used: {error.strerror or error}",
            hint="check its folder, its owner and the space that is left",
        )
