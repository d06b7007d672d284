"""Pulumi's Automation API without its round trips.

The API asks the CLI for its version, for the stack's existence, for outputs and for history
around each operation, at 0.1 to 0.4 CPU-seconds a question.  All of it is known from the files
of the backend or from the operation's events.
"""

from datetime import UTC, datetime
from pathlib import Path

from pulumi import automation
from semver import VersionInfo


class KnownCommand(automation.PulumiCommand):
    """The CLI at a known path, of a known version."""

    def __init__(self, path: Path, version: str) -> None:
        self.command = str(path)
        self.version = VersionInfo.parse(version)


class LeanStack(automation.Stack):
    """A stack that is known to exist; its outputs are taken from events."""

    def __init__(self, name: str, workspace: automation.LocalWorkspace) -> None:
        self.name = name
        self.workspace = workspace

    def outputs(self) -> automation.OutputMap:
        """Return nothing: whoever runs the operation has seen the outputs event."""
        return {}

    def info(self, show_secrets: bool | None = None) -> automation.UpdateSummary:  # noqa: ARG002, FBT001
        """Return an empty summary: the operation's events have told more."""
        now = datetime.now(UTC)
        return automation.UpdateSummary(
            kind="update", start_time=now, message="", environment={}, config={}, result=""
        )
