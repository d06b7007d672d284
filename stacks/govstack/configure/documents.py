"""The files that Ansible reads: an inventory without secrets, one with them, and plays; pure."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Final

from govstack.configure.batches import plays_of
from govstack.configure.model import Batch
from govstack.inventory.documents import yaml_text
from govstack.inventory.model import Inventory
from govstack.inventory.variables.model import HostRoles, split

CONFIGURED: Final = "/etc/govstack/configured"
"""Where a host keeps the digest of what it was configured with."""
REMEMBER: Final = "Remember what the host was configured with"
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
    """Return the plays of a batch; JSON is YAML.

    Args:
        batch: the hosts.
        remembers: whether hosts are to know what they were configured with.
    """
    plays = list(_plays(batch))
    if remembers:
        everybody = _on([host.host for host in batch.hosts])
        if not plays or plays[-1]["hosts"] != everybody["hosts"]:
            plays.append({"name": REMEMBER, **everybody})
        # Of hosts that come one after another, each when its turn ends.
        plays[-1]["post_tasks"] = _remember()
    return json.dumps(plays, indent=1, ensure_ascii=False)


def _plays(batch: Batch) -> Iterator[dict[str, object]]:
    for roles, hosts in plays_of(batch.hosts):
        yield {
            "name": ", ".join(role.rsplit(".", 1)[-1] for role in roles),
            **_on(hosts),
            "roles": list(roles),
            **({"serial": 1, "max_fail_percentage": 0} if batch.serial else {}),
        }


def _on(hosts: Collection[str]) -> dict[str, object]:
    return {"hosts": list(hosts), "gather_facts": False, "become": True, "connection": "ssh"}


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
