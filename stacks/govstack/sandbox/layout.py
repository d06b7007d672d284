"""The files of a cloud that both sides know; ``govstack_sandbox.layout`` is the other side."""

from dataclasses import dataclass
from pathlib import Path

SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of the cloud in `root`."""

    root: Path

    @property
    def cloud(self) -> Path:
        """Return the file that a complete cloud has: its format and its ports."""
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
        """Return the file that a cloud has whose calls meet faults."""
        return self.root / "faults.json"

    @property
    def helper(self) -> Path:
        """Return the socket of the helper for real hosts."""
        return self.run / "hosts.sock"

    @property
    def clouds(self) -> Path:
        """Return the clouds.yaml for the ordinary client."""
        return self.root / "etc" / "clouds.yaml"

    @property
    def run(self) -> Path:
        """Return the folder with what is true only while the cloud runs."""
        return self.root / "run"

    @property
    def lock(self) -> Path:
        """Return the file that the supervisor keeps locked."""
        return self.run / "lock"

    @property
    def asking(self) -> Path:
        """Return the file that is locked while a request is written."""
        return self.run / "asking"

    @property
    def status(self) -> Path:
        """Return the file in which the supervisor tells how the services do."""
        return self.run / "status.json"

    @property
    def logs(self) -> Path:
        """Return the folder with the logs."""
        return self.root / "log"

    def log(self, service: str) -> Path:
        """Return the log of a service."""
        return self.logs / f"{service}.log"

    def output(self, service: str) -> Path:
        """Return what a service, or the supervisor, printed."""
        return self.logs / f"{service}.out"
