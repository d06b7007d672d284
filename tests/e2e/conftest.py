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
        assert self.exit_code == 0, self.failure
        return dict(self.envelope["data"])

    @property
    def failure(self) -> str:
        """What the command said went wrong, without all that went well."""
        try:
            return json.dumps(json.loads(self.stdout)["error"], indent=1, ensure_ascii=False)
        except (ValueError, KeyError):
            return self.stdout + self.stderr

    @property
    def error(self) -> dict[str, Any]:
        assert self.exit_code != 0, self.stdout
        return dict(self.envelope["error"])


@dataclass
class City:
    """A copy of a site with state of its own; caches are the user's."""

    site: Path
    state: Path
    environment: str = "sandbox"

    @property
    def variables(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OS_", "GOVSTACK_SITE"))}
        own = {"GOVSTACK_STATE_HOME": str(self.state), "LANG": "C.UTF-8"}
        # What is on hosts takes minutes: those tests that are about it say otherwise.
        return {"GOVSTACK_UP_CLOUD_ONLY": "1", **kept, **own}

    def command(self, *arguments: str) -> list[str]:
        where = ("--site", str(self.site), "--environment", self.environment)
        return [str(GOVSTACK), *where, *arguments]

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
        """The environment's folder."""
        (folder,) = (self.state / self.site.name).glob(f"{self.environment}-*")
        return folder

    @property
    def clouds(self) -> Path:
        return self.place / "clouds.yaml"


REFERENCE_CITY = CHECKOUT / "inventories" / "yunzhou"
EVERYTHING = CHECKOUT / "tests" / "data" / "sites" / "everything"
SMALL_CITY = CHECKOUT / "tests" / "data" / "sites" / "yunzhou"


def copy_city(folder: Path, source: Path = SMALL_CITY) -> City:
    site = folder / source.name
    shutil.copytree(source, site)
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


def lent(folder: Path, source: Path) -> Iterator[City]:
    """Lend a city whose cloud the first run that needs it starts; remove it afterwards."""
    made = copy_city(folder, source)
    try:
        yield made
    finally:
        made.run("sandbox", "remove", "--yes")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The reference city."""
    yield from lent(tmp_path_factory.mktemp("whole"), REFERENCE_CITY)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The site that uses every key."""
    yield from lent(tmp_path_factory.mktemp("everything"), EVERYTHING)
