"""The variables of those who are backed up, and of those who keep backups."""

from collections.abc import Iterator
from typing import Final

from govstack.inventory.variables.every import SSH
from govstack.inventory.variables.model import Left, Machine, Values
from govstack.inventory.variables.view import View
from govstack.site.catalog import BackupPolicy

SERVER_FOLDER: Final = "/srv/backup"
"""Where backups lie if their server has no volume for them."""
SETTINGS: Final = ("/etc", "/var/lib/govstack")
"""What is backed up of every host."""
DAY: Final = 24
NIGHT: Final = "01:30:00"
HALF_PAST: Final = "30:00"
MOST_SPREAD: Final = 60


def backup_client(view: View, host: Machine) -> Values | Left:
    """Return the backup server, what is backed up, how often, and for how long that is kept."""
    policies = [policy for _, policy in _copied(view, host)]
    server = next(iter(view.servers(host, "backup_server", SSH)), None)
    if server is None:
        wished = "a volume of it is to be backed up, but no flow leads it to a backup server"
        return Left(wished if policies else "no volume of it is to be backed up")
    key = view.material.host_key(server.name)
    if not key:
        return Left(f"the key of {server.name} is not known")
    return {
        "backup_client_server": server.name,
        "backup_client_server_key": key,
        "backup_client_key": view.material.login(host.name)[1],
        "backup_client_passphrase": view.material.own(f"{host.name} backup"),
        "backup_client_name": host.name,
        "backup_client_folder": _folder(server),
        **_what(view, host),
        **(_when(policies) if policies else {}),
    }


def backup_server(view: View, host: Machine) -> Values:
    """Return the hosts that may bring backups, each with its key."""
    clients = [
        {"name": each.name, "key": view.material.login(each.name)[0]}
        for each in view.having("backup_client")
        if view.servers(each, "backup_server", SSH)[:1] == (host,)
    ]
    return {"backup_server_clients": clients, "backup_server_folder": _folder(host)}


def _folder(server: Machine) -> str:
    return next((volume.mount for volume in server.node.volumes), SERVER_FOLDER)


def _copied(view: View, host: Machine) -> Iterator[tuple[str, BackupPolicy]]:
    """Yield where volumes are mounted that name a backup policy, each with the policy."""
    policies = {policy.id: policy for policy in view.site.backup_policies}
    for volume in host.node.volumes:
        if volume.backup:
            yield volume.mount, policies[volume.backup]


def _what(view: View, host: Machine) -> Values:
    """Return what is backed up; of a database what it says itself, since its files change."""
    mounts = [mount for mount, _ in _copied(view, host)]
    if "database" not in host.roles or not mounts:
        return {"backup_client_paths": [*SETTINGS, *mounts]}
    first = host.node.volumes[0].mount
    dump = f"{first}/dump"
    return {
        "backup_client_paths": [*SETTINGS, dump, *(each for each in mounts if each != first)],
        "backup_client_before": dumping(dump),
    }


def dumping(folder: str) -> list[str]:
    """Return the commands that write all databases of a host to a file of a folder."""
    return [
        f"mkdir -p -m 0700 {folder}",
        f"runuser -u postgres -- pg_dumpall --clean --if-exists >{folder}/databases.sql",
    ]


def _when(policies: list[BackupPolicy]) -> Values:
    """Return how often, and for how long all is kept; what is asked for most holds for all."""
    hours = min(policy.every_hours for policy in policies)
    return {
        "backup_client_at": calendar(hours),
        "backup_client_spread_minutes": min(MOST_SPREAD, hours * MOST_SPREAD // 4),
        "backup_client_keep_all_days": max(policy.keep_days for policy in policies),
        "backup_client_keep_days": 0,
        "backup_client_keep_weeks": 0,
        "backup_client_keep_months": 0,
    }


def calendar(hours: int) -> str:
    """Return the times of day or days of month, as systemd writes them; never more seldom."""
    if hours < DAY:
        return f"*-*-* 0/{hours}:{HALF_PAST}"
    days = hours // DAY
    return f"*-*-{'*' if days == 1 else f'1/{days}'} {NIGHT}"
