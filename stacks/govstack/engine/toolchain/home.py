"""The engine's home and environment: our two programs, and nothing fetched behind our back."""

import os
import secrets
import shutil
from pathlib import Path
from typing import Final

from govstack.engine.toolchain.model import Program, Toolchain, plugin_folder

GARBAGE_PERCENT: Final = "400"
"""How much an engine or provider may grow before it looks for garbage; both live for seconds."""


def environment(toolchain: Toolchain, home: Path) -> dict[str, str]:
    """Return the variables with which the CLI runs in this home, with our provider installed.

    The provider counts as installed only where the engine keeps its plugins; from PATH it would
    be taken with a warning in each run.
    """
    _install(toolchain.provider, home)
    _keep_no_logs(home)
    path = (str(toolchain.pulumi.path.parent), os.environ.get("PATH", os.defpath))
    return {
        "PATH": os.pathsep.join(path),
        "GOGC": GARBAGE_PERCENT,
        "PULUMI_HOME": str(home),
        "PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_SUPPRESS_NEO_LINK": "true",
    }


def _install(provider: Program, home: Path) -> None:
    """Link the provider to where the engine looks for it; safe when two processes do it."""
    target = home / "plugins" / plugin_folder(provider.version) / provider.path.name
    if target.exists() and target.samefile(provider.path):
        return
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        _link(provider.path.resolve(), temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _keep_no_logs(home: Path) -> None:
    """Have no log of each run written: a tenth of the computing, for files that nobody reads.

    The engine has no setting for it, and goes on without where the folder cannot be made.
    """
    logs = home / "logs"
    if logs.is_dir():
        shutil.rmtree(logs)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    logs.touch(mode=0o600)


def _link(source: Path, name: Path) -> None:
    """Link hard, so that the plugin outlives its cache; softly onto another disk."""
    try:
        os.link(source, name)
    except OSError:
        name.symlink_to(source)
