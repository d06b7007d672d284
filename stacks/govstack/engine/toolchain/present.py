"""Programs that the machine has already: on PATH, or in Pulumi's own folder of plugins.

Asking a program for its version takes a third of a second, so the answer is kept for as long as
the file stays the same.
"""

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from govstack.engine.toolchain.model import Origin, Program, Recipe, Unavailable, plugin_folder

TIMEOUT_SECONDS = 20


def present(recipe: Recipe, version: str, *, kept: Path, variables: Mapping[str, str]) -> Program:
    """Return the program of this very version that the machine has.

    `kept` is the file in which versions are remembered.

    Raises:
        Unavailable: there is none, or not of this version.
    """
    refused = []
    for path, place in _candidates(recipe, version, variables):
        found = _version_of(path, recipe, kept, variables)
        if found == version:
            return Program(recipe.name, path, version, Origin.PRESENT, f"found {place}: {path}")
        refused.append(f"{path} is version {found or 'unknown'}, not {version}")
    raise Unavailable("; ".join(refused) or f"no {recipe.binary} on PATH")


def _candidates(
    recipe: Recipe, version: str, variables: Mapping[str, str]
) -> Iterator[tuple[Path, str]]:
    if recipe.binary.startswith("pulumi-resource-"):
        home = variables.get("PULUMI_HOME") or Path.home() / ".pulumi"
        plugin = Path(home) / "plugins" / plugin_folder(version) / recipe.binary
        if os.access(plugin, os.X_OK):
            yield plugin, "among Pulumi's plugins"
    on_path = shutil.which(recipe.binary, path=variables.get("PATH", ""))
    if on_path:
        yield Path(on_path), "on PATH"


def _version_of(path: Path, recipe: Recipe, kept: Path, variables: Mapping[str, str]) -> str:
    """Return the program's version, empty if it does not tell one."""
    status = path.stat()
    key = f"{path.resolve()} {status.st_size} {status.st_mtime_ns}"
    known = _read(kept)
    if key not in known:
        known[key] = _ask([str(path), recipe.asks_version], variables)
        _write(kept, known)
    return known[key]


def _ask(command: list[str], variables: Mapping[str, str]) -> str:
    try:
        answer = subprocess.run(  # noqa: S603 - a program of the user's own PATH
            command,
            env={**variables, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip().removeprefix("v")


def _read(kept: Path) -> dict[str, str]:
    try:
        known = json.loads(kept.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in known.items()}


def _write(kept: Path, known: Mapping[str, str]) -> None:
    """Keep the answers; two processes at once may lose one, which is then asked again."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    temporary = kept.with_name(f".{kept.name}.{secrets.token_hex(4)}")
    temporary.write_text(json.dumps(known, indent=1), encoding="utf-8")
    temporary.rename(kept)
