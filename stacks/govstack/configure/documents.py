"""The files that Ansible reads: an inventory without secrets, one with them, and plays; pure."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Final

from govstack.configure.batches import roles_of
from govstack.configure.fast import VARIABLES
from govstack.configure.model import Batch
from govstack.inventory.documents import yaml_text
from govstack.inventory.model import Inventory
from govstack.inventory.variables.model import HostRoles, split

CONFIGURED: Final = "/etc/govstack/configured"
"""Where a host keeps the digest of what it was configured with."""
REMEMBER: Final = "Remember what the host was configured with"
REACHED: Final = "The host has all of its roles"
"""The last task: a host that did not come so far is not configured, whatever else is said."""
ITSELF: Final = ("localhost", "127.", "::1", "0.0.0.0")  # noqa: S104 - names, nothing listens


class NotAHost(ValueError):
    """A host of the inventory would be this machine, or is not reached by our configuration."""


def inventories(
    inventory: Inventory, hosts: Collection[HostRoles], digests: Mapping[str, str]
) -> tuple[str, str]:
    """Return the inventory of these hosts without secrets, and one with nothing but secrets.

    Raises:
        NotAHost: one of them is not a host that ssh's configuration leads to.
    """
    chosen = {host.host: split(host.variables) for host in hosts}
    kept = tuple(
        replace(
            host,
            groups=(),
            variables={
                **host.variables,
                "ansible_connection": "ssh",
                **VARIABLES,
                "govstack_configured": digests[host.name],
                **chosen[host.name][0],
            },
        )
        for host in inventory.hosts
        if host.name in chosen
    )
    guard(inventory, [(host.name, str(host.variables["ansible_host"])) for host in kept])
    families = tuple(
        replace(group, hosts=tuple(name for name in group.hosts if name in chosen))
        for group in inventory.groups
        if not chosen.keys().isdisjoint(group.hosts)
    )
    plain = replace(inventory, hosts=kept, groups=families)
    secret = replace(
        inventory,
        hosts=tuple(replace(host, variables=chosen[host.name][1]) for host in kept),
        groups=(),
        variables={},
    )
    return yaml_text(plain, "What these hosts were configured with; secrets are left out."), (
        yaml_text(secret)
    )


def guard(inventory: Inventory, hosts: Collection[tuple[str, str]]) -> None:
    """Refuse an inventory that could lead to this machine.

    Raises:
        NotAHost: so it is.
    """
    if not str(inventory.variables.get("ansible_ssh_common_args", "")).startswith("-F "):
        message = "the inventory does not go by the configuration of govstack ssh"
        raise NotAHost(message)
    for name, address in hosts:
        if name != address or any(each.startswith(ITSELF) for each in (name, address)):
            message = f"{name} ({address}) is not a host that the configuration of ssh leads to"
            raise NotAHost(message)


def playbook(batch: Batch, *, remembers: bool) -> str:
    """Return the play of a batch; JSON is YAML.

    It is one play, in which each host takes part in its own roles: a play of a single host that
    fails would end all plays after it, for all other hosts too.

    Args:
        batch: the hosts.
        remembers: whether hosts are to know what they were configured with.
    """
    play = {
        "name": batch.layer,
        "hosts": [host.host for host in batch.hosts],
        "gather_facts": False,
        "become": True,
        "connection": "ssh",
        **({"serial": 1, "max_fail_percentage": 0} if batch.serial else {}),
        "tasks": [*_roles(batch), *(_remember() if remembers else []), _reached()],
    }
    return json.dumps([play], indent=1, ensure_ascii=False)


def _roles(batch: Batch) -> Iterator[dict[str, object]]:
    """Yield each role, for the hosts that have it, and its handlers at once."""
    for role, hosts in roles_of(batch.hosts):
        everybody = len(hosts) == len(batch.hosts)
        yield {
            "name": role.rsplit(".", 1)[-1],
            "ansible.builtin.include_role": {"name": role},
            **({} if everybody else {"when": f"inventory_hostname in {json.dumps(hosts)}"}),
        }
        yield {"ansible.builtin.meta": "flush_handlers"}


def _reached() -> dict[str, object]:
    return {"name": REACHED, "ansible.builtin.debug": {"msg": ""}}


def _remember() -> list[dict[str, object]]:
    folder = CONFIGURED.rpartition("/")[0]
    return [
        {
            "name": REMEMBER,
            "ansible.builtin.file": {"path": folder, "state": "directory", "mode": "0755"},
        },
        {
            "name": REMEMBER,
            "ansible.builtin.copy": {
                "content": "{{ govstack_configured }}\n",
                "dest": CONFIGURED,
                "mode": "0644",
            },
        },
    ]
