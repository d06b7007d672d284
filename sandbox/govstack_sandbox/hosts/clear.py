"""End all hosts of a cloud and remove what the kernel holds of them; their files stay.

Needs no helper and no list: everything is found by its name.
"""

import os
from pathlib import Path
from typing import Final

from govstack_sandbox.hosts.groups import Group, remove_tree, wait_until
from govstack_sandbox.hosts.host import HALT
from govstack_sandbox.hosts.names import NAMESPACES, Names
from govstack_sandbox.hosts.programs import run

SHUTDOWN_SECONDS: Final = 10.0


def clear(root: Path) -> None:
    """Shut down what listens, all at once; end the rest; then remove what is left."""
    names = Names.of(root)
    groups = [Group.of(names, server) for server in _servers(names)]
    for group in groups:
        if group.frozen:
            group.freeze(on=False)
        if group.leader:
            os.kill(group.leader, HALT)
    wait_until(lambda: not any(group.running for group in groups), SHUTDOWN_SECONDS)
    for group in groups:
        group.kill()
    if NAMESPACES.exists():
        for namespace in sorted(NAMESPACES.glob(f"{names.cloud}*")):
            run("ip", "netns", "delete", namespace.name)
    for folder in names.groups:
        remove_tree(folder)


def _servers(names: Names) -> list[str]:
    first = names.groups[0]
    return sorted(path.name for path in first.iterdir() if path.is_dir()) if first.exists() else []
