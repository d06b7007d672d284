"""The environment that OpenStack runs in: built once for each lock file and Python, then shared.

It lies in the user's cache, complete or not at all: a folder without its mark is built anew.  The
packages come from where the user's pip is told to get them.
"""

import hashlib
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from govstack.errors import CapacityExceeded, ToolchainUnfit
from govstack.resources import resource
from govstack.sandbox.programs import clean_environment, count_of, run_step
from govstack.sandbox.turns import one_at_a_time
from govstack.values.observer import Observer

OLDEST_PYTHON: Final = (3, 11)
NEEDED_BYTES: Final = 1_200_000_000
"""What the environment takes, and what pip needs besides while it installs."""
COMPLETE: Final = "complete"
DIGITS: Final = 16
METADATA: Final = "Metadata-Version: 2.1\nName: govstack-sandbox\nVersion: 1\n"
TEMPLATE_PARTS: Final = (
    "conf",
    "migrations",
    "migrate.py",
    "services.py",
    "settings.py",
    "template.py",
)
"""What of the package decides how a template turns out."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A built environment, and the template of clouds that belongs to it."""

    folder: Path
    sources: Path

    @property
    def python(self) -> Path:
        """Return the interpreter."""
        return self.folder / "env" / "bin" / "python"

    @property
    def openstack(self) -> Path:
        """Return the ordinary client."""
        return self.folder / "env" / "bin" / "openstack"

    @property
    def complete(self) -> bool:
        """Tell whether it was built to the end, and its Python is still there."""
        return (self.folder / COMPLETE).exists() and self.python.exists()

    @property
    def template(self) -> Path:
        """Return the folder with the migrated databases, made by these sources."""
        digest = hashlib.sha256()
        package = self.sources / "govstack_sandbox"
        for part in TEMPLATE_PARTS:
            path = package / part
            for file in sorted(path.glob("*.*")) if path.is_dir() else [path]:
                digest.update(f"{file.name}\n".encode() + file.read_bytes())
        return self.folder / f"template-{digest.hexdigest()[:DIGITS]}"

    def variables(self) -> dict[str, str]:
        """Return the environment variables of what runs in it."""
        return clean_environment() | {"PYTHONPATH": str(self.sources)}

    def command(self, *arguments: str) -> list[str]:
        """Return the command that runs a subcommand of the package inside."""
        return [str(self.python), "-P", "-m", "govstack_sandbox", *arguments]


def environment_of(cache: Path) -> Environment:
    """Return the environment that this govstack needs, built or not."""
    sources = resource("sandbox")
    digest = hashlib.sha256(platform.python_version().encode() + platform.machine().encode())
    for name in ("requirements.lock", "entry_points.txt"):
        digest.update((sources / name).read_bytes())
    return Environment(cache / "sandbox" / digest.hexdigest()[:DIGITS], sources)


def installed(cache: Path) -> bool:
    """Tell whether the environment is built."""
    return environment_of(cache).complete


def openstack_client(cache: Path) -> Path:
    """Return the ordinary ``openstack`` client of the environment, built or not."""
    return environment_of(cache).openstack


def ensure_environment(cache: Path, observer: Observer) -> Environment:
    """Build what is missing of environment and template; return the environment.

    Raises:
        CapacityExceeded: the disk has not enough room.
        ToolchainUnfit: this Python is too old.
        SandboxFailed: a program failed; the message holds the end of its output.
    """
    environment = environment_of(cache)
    if environment.complete and environment.template.exists():
        return environment
    check_python(sys.version_info[:2])
    environment.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with one_at_a_time(environment.folder.with_suffix(".lock"), observer):
        if not environment.complete:
            check_room(cache)
            _install(environment, observer)
        if not environment.template.exists():
            _build_template(environment, observer)
    return environment


def check_python(version: tuple[int, ...]) -> None:
    """Refuse a Python that OpenStack does not run on.

    Raises:
        ToolchainUnfit: names both versions.
    """
    if version < OLDEST_PYTHON:
        has, needs = (".".join(map(str, part)) for part in (version, OLDEST_PYTHON))
        raise ToolchainUnfit(
            f"the embedded cloud needs Python {needs} or newer, and govstack runs on {has}",
            hint=f"install govstack with Python {needs} or newer",
        )


def check_room(cache: Path) -> None:
    """Refuse to install what will not fit.

    Raises:
        CapacityExceeded: names what is free and what is needed.
    """
    free = shutil.disk_usage(cache).free
    if free < NEEDED_BYTES:
        raise CapacityExceeded(
            f"the embedded cloud needs {NEEDED_BYTES / 1e9:.1f} GB in {cache}, "
            f"where {free / 1e9:.1f} GB are free",
            hint="make room there, or name another folder by GOVSTACK_CACHE_HOME",
        )


def _install(environment: Environment, observer: Observer) -> None:
    """Build the environment from the lock file."""
    target = environment.folder / "env"
    shutil.rmtree(target, ignore_errors=True)
    lock = environment.sources / "requirements.lock"
    log = environment.folder / "install.log"
    log.unlink(missing_ok=True)
    step = run_step("sandbox-install", "Install OpenStack", log, observer)
    with step as run:
        run([sys.executable, "-m", "venv", str(target)], _pip_variables())
        run(
            [
                *(str(environment.python), "-m", "pip", "install", "--no-compile"),
                *("--require-hashes", "--no-input", "--requirement", str(lock)),
            ],
            _pip_variables(),
            count=count_of("Collecting ", lock.read_text(encoding="utf-8").count("==")),
        )
        # The projects' own tests are a third of the files, and nobody runs them here.
        compiler = [str(environment.python), "-m", "compileall", "-q", "-j", "0", "-x", "/tests?/"]
        run([*compiler, str(target / "lib")], clean_environment())
        _register(environment)
        (environment.folder / COMPLETE).touch()


def _pip_variables() -> dict[str, str]:
    """Return the user's variables, pip's settings among them, without those of this Python."""
    foreign = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_USER", "PIP_REQUIRE_VIRTUALENV"}
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return kept | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def _register(environment: Environment) -> None:
    """Tell the environment of the drivers that our package has for it."""
    (library,) = (environment.folder / "env" / "lib").glob("python*/site-packages")
    metadata = library / "govstack_sandbox-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(METADATA, encoding="utf-8")
    shutil.copyfile(environment.sources / "entry_points.txt", metadata / "entry_points.txt")


def _build_template(environment: Environment, observer: Observer) -> None:
    """Migrate the databases that clouds start from; the template appears complete."""
    for outdated in environment.folder.glob("template-*"):
        shutil.rmtree(outdated, ignore_errors=True)
    log = environment.folder / "template.log"
    log.unlink(missing_ok=True)
    with run_step("sandbox-template", "Prepare the databases", log, observer) as run:
        run(
            environment.command("build-template", str(environment.template)),
            environment.variables(),
        )
