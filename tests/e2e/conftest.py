"""A city of its own on an embedded cloud of its own, driven as a user drives it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parent.parent.parent
GOVSTACK = Path(sys.executable).parent / "govstack"
TIMEOUT_SECONDS = 1800
"""The first run on a machine makes the toolchain and the embedded cloud's environment."""


@dataclass
class Answer:
    """What one command printed, and its exit code."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def envelope(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.stdout)
        assert parsed["format"] == "govstack/1"
        assert parsed["exit_code"] == self.exit_code
        return parsed

    @property
    def data(self) -> dict[str, Any]:
        assert self.exit_code == 0, self.stdout + self.stderr
        return dict(self.envelope["data"])

    @property
    def error(self) -> dict[str, Any]:
        assert self.exit_code != 0, self.stdout
        return dict(self.envelope["error"])


@dataclass
class City:
    """A copy of Yunzhou with state of its own; caches are the user's."""

    site: Path
    state: Path

    @property
    def variables(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OS_", "GOVSTACK_SITE"))}
        return {**kept, "GOVSTACK_STATE_HOME": str(self.state), "LANG": "C.UTF-8"}

    def command(self, *arguments: str) -> list[str]:
        return [str(GOVSTACK), "--site", str(self.site), *arguments]

    def run(self, *arguments: str, **variables: str) -> Answer:
        """Run a verb with ``--output json``."""
        return self.text("--output", "json", *arguments, **variables)

    def text(self, *arguments: str, **variables: str) -> Answer:
        """Run a verb as it is written."""
        done = subprocess.run(
            self.command(*arguments),
            env={**self.variables, **variables},
            cwd=self.site,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    @property
    def place(self) -> Path:
        """The folder of the sandbox environment."""
        (folder,) = (self.state / "yunzhou").glob("sandbox-*")
        return folder

    @property
    def clouds(self) -> Path:
        return self.place / "clouds.yaml"


def copy_city(folder: Path) -> City:
    site = folder / "yunzhou"
    shutil.copytree(CHECKOUT / "tests" / "data" / "sites" / "yunzhou", site)
    return City(site, folder / "state")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city whose embedded cloud runs, and is removed when the module's tests have ended."""
    made = copy_city(tmp_path_factory.mktemp("city"))
    try:
        started = made.run("sandbox", "start")
        assert started.exit_code == 0, started.stdout + started.stderr
        yield made
    finally:
        made.run("sandbox", "remove", "--yes")
