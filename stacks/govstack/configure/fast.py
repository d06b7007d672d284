"""Mitogen, where it is installed: one Python on each host for all tasks, instead of one for each.

It runs the same modules with the same results, and replaces how Ansible reaches hosts; so it is
used only with an Ansible that it knows.
"""

import importlib.util
from importlib.metadata import version
from pathlib import Path
from typing import Final

PACKAGE: Final = "ansible_mitogen"
KNOWN: Final = (2, 19)
"""The newest Ansible that results were compared with (`tests/roles/test_fast.py`)."""

VARIABLES: Final = {"mitogen_ssh_keepalive_interval": 5, "mitogen_ssh_keepalive_count": 12}
"""It gives ssh options of its own; these are as `SSH` of the worker has them, for the same reason:
rules that are loaded on a bastion would hold all hosts behind it up until the next word of ours."""


def fast_settings() -> dict[str, str]:
    """Return what makes Ansible use mitogen; nothing where it is not installed, or not fitting."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations or _ansible() > KNOWN:
        return {}
    folder = Path(next(iter(found.submodule_search_locations)))
    return {
        "ANSIBLE_STRATEGY": "mitogen_linear",
        "ANSIBLE_STRATEGY_PLUGINS": str(folder / "plugins" / "strategy"),
    }


def _ansible() -> tuple[int, int]:
    major, minor, *_ = version("ansible-core").split(".")
    return int(major), int(minor)
