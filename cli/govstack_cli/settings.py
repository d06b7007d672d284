"""What the user chose for all verbs, and where govstack keeps things of this user."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

PROGRAM: Final = "govstack"
DEFAULT_ENVIRONMENT: Final = "sandbox"

SITE_VARIABLE: Final = "GOVSTACK_SITE"
ENVIRONMENT_VARIABLE: Final = "GOVSTACK_ENVIRONMENT"
OUTPUT_VARIABLE: Final = "GOVSTACK_OUTPUT"
QUIET_VARIABLE: Final = "GOVSTACK_QUIET"
VERBOSE_VARIABLE: Final = "GOVSTACK_VERBOSE"
COLOR_VARIABLE: Final = "GOVSTACK_COLOR"
STATE_VARIABLE: Final = "GOVSTACK_STATE_HOME"
CACHE_VARIABLE: Final = "GOVSTACK_CACHE_HOME"
COMPLETE_VARIABLE: Final = "_GOVSTACK_COMPLETE"
"""Set by the completion scripts when the shell asks for suggestions."""


class Output(StrEnum):
    """The form of a result on stdout."""

    TEXT = "text"
    JSON = "json"


class Color(StrEnum):
    """When to colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The global options; `site` is None where the user named none."""

    site: Path | None = None
    environment: str = DEFAULT_ENVIRONMENT
    output: Output = Output.TEXT
    color: Color = Color.AUTO
    quiet: bool = False
    verbose: bool = False

    @property
    def is_json(self) -> bool:
        """Tell whether stdout carries one JSON envelope."""
        return self.output is Output.JSON


def state_home(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for state: it must outlive a clean-up of caches."""
    return _home(environ, STATE_VARIABLE, "XDG_STATE_HOME", ".local/state")


def cache_home(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for what can be made again."""
    return _home(environ, CACHE_VARIABLE, "XDG_CACHE_HOME", ".cache")


def _home(environ: Mapping[str, str], own: str, base: str, default: str) -> Path:
    if chosen := environ.get(own):
        return Path(chosen).expanduser().absolute()
    # The XDG specification wants relative paths to be ignored.
    if (folder := environ.get(base, "")) and Path(folder).is_absolute():
        return Path(folder) / PROGRAM
    return Path.home() / default / PROGRAM
