"""Where one cloud keeps what: everything below one folder that only its owner may enter.

`govstack.sandbox.layout` knows the files that both sides use; change them together.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600


@dataclass(frozen=True, slots=True)
class Layout:
    """The files and folders of the cloud in `root`."""

    root: Path

    @property
    def etc(self) -> Path:
        """Return the folder with configuration, keys and passwords."""
        return self.root / "etc"

    @property
    def db(self) -> Path:
        """Return the folder with the databases."""
        return self.root / "db"

    @property
    def data(self) -> Path:
        """Return the folder with images and volumes."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """Return the folder with the logs."""
        return self.root / "log"

    @property
    def run(self) -> Path:
        """Return the folder with what is true only while the cloud runs."""
        return self.root / "run"

    @property
    def cloud(self) -> Path:
        """Return the file that tells of a complete cloud: its format and its ports."""
        return self.root / "cloud.json"

    @property
    def wanted(self) -> Path:
        """Return the file with the optional services that somebody has asked for."""
        return self.root / "wanted.json"

    @property
    def hosts(self) -> Path:
        """Return the file that a cloud whose servers are real hosts has: their bases."""
        return self.root / "hosts.json"

    @property
    def faults(self) -> Path:
        """Return the file that a cloud has whose calls meet faults: which, and how often."""
        return self.root / "faults.json"

    @property
    def seeded(self) -> Path:
        """Return the file that tells that the cloud has its first images and networks."""
        return self.data / "seeded"

    @property
    def passwords(self) -> Path:
        """Return the file with the password of every service."""
        return self.etc / "passwords.json"

    @property
    def clouds(self) -> Path:
        """Return the clouds.yaml for the ordinary client."""
        return self.etc / "clouds.yaml"

    @property
    def status(self) -> Path:
        """Return the file in which the supervisor tells how the services do."""
        return self.run / "status.json"

    def database(self, name: str) -> Path:
        """Return the file of a database."""
        return self.db / f"{name}.sqlite"

    def output(self, service: str) -> Path:
        """Return the file that gets what a service prints, tracebacks above all."""
        return self.log / f"{service}.out"

    def create(self) -> None:
        """Create the folders that are missing."""
        folders = (self.root, self.etc, self.db, self.data, self.log, self.run)
        for folder in folders:
            private_folder(folder)


def private_folder(path: Path) -> None:
    """Create a folder, and those above it that are missing, for their owner only."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)


def write_private(path: Path, text: str) -> None:
    """Write a file for its owner only, under a temporary name first."""
    private_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.rename(path)
