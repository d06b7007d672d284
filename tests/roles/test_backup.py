"""Backups come back, and a host can neither take one away nor look at another's."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("app-001", "other-001"):
        command = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name)
        subprocess.run([*command, "-f", str(folder / name)], check=True)
    return {name: folder / name for name in ("app-001", "other-001")}


@pytest.fixture(scope="module")
def hosts(lab: Any, keys: dict[str, Path]) -> tuple[Any, Any]:
    server, client = lab.start("bkp-001"), lab.start("app-001")
    clients = [
        {"name": name, "key": key.with_suffix(".pub").read_text(encoding="utf-8").strip()}
        for name, key in keys.items()
    ]
    lab.converge("backup_server", {"backup_server_clients": clients}, hosts={"bkp-001": {}})
    variables = {
        "backup_client_server": server.address,
        "backup_client_server_key": " ".join(server.host.folder.host_key().split()[:2]),
        "backup_client_key": keys["app-001"].read_text(encoding="utf-8"),
        "backup_client_passphrase": "a-long-passphrase-for-yunzhou",
        "backup_client_paths": ["/srv/records", "/srv/not-there"],
        "backup_client_keep_all_days": 7,
        "backup_client_keep_days": 0,
        "backup_client_keep_weeks": 0,
        "backup_client_keep_months": 0,
        "backup_client_before": ["cp /srv/live /srv/records/dump"],
    }
    client.sh("mkdir /srv/records; echo 公文 >/srv/records/letter; echo rows >/srv/live")
    play = lab.converge("backup_client", variables, hosts={"app-001": {}})
    assert variables["backup_client_passphrase"] not in play.output
    return server, client


def test_a_backup_comes_back_at_another_place(hosts: tuple[Any, Any]) -> None:
    _, client = hosts
    done = client.done("systemctl start govstack-backup")
    assert done.returncode == 0, client.sh("journalctl -u govstack-backup")
    client.sh("rm -r /srv/records")
    name = client.sh("govstack-backup list")
    assert client.sh(f"govstack-backup restore {name} /srv/again") == ""
    assert (
        client.sh("cat /srv/again/srv/records/letter /srv/again/srv/records/dump") == "公文\nrows"
    )
    assert "is not empty" in client.sh(f"govstack-backup restore {name} /srv/again")
    assert client.sh("systemctl is-active govstack-backup.timer") == "active"


def test_what_a_host_deletes_stays(hosts: tuple[Any, Any]) -> None:
    server, client = hosts
    folder = "/etc/govstack/backup"
    ssh = f"ssh -i {folder}/key -o UserKnownHostsFile={folder}/known_hosts"
    there = f"gov-backup@{server.address}"
    settings = (
        f"BORG_BASE_DIR=/tmp/borg BORG_RSH='{ssh}' BORG_PASSCOMMAND='cat {folder}/passphrase'"
    )
    client.sh("mkdir -p /tmp/borg")

    def borg(verb: str, repository: str, *more: str) -> str:
        place = f"{there}:/srv/backup/{repository}"
        told: str = client.sh(f"{settings} borg {verb} {place}{''.join(more)}")
        return told

    def size() -> int:
        return int(server.sh("du -s /srv/backup/app-001 | cut -f 1"))

    before, name = size(), client.sh("govstack-backup list")
    borg("delete", "app-001", f"::{name}")
    borg("compact", "app-001")
    assert client.sh("govstack-backup list") == ""
    assert size() >= before
    assert server.sh("cat /srv/backup/app-001/transactions").startswith("transaction ")
    assert "path not allowed" in borg("init --encryption=none", "other-001").lower()
    client.sh(f"timeout 5 {ssh} {there} rm -rf /srv/backup/app-001")
    assert server.sh("ls /srv/backup") == "app-001"


def test_the_server_cannot_read_them(hosts: tuple[Any, Any]) -> None:
    server, _ = hosts
    assert server.sh("grep -rl 公文 /srv/backup") == ""
    assert server.sh("stat -c '%a %U' /srv/backup") == "700 gov-backup"


def test_all_backups_of_some_days_are_kept(hosts: tuple[Any, Any]) -> None:
    _, client = hosts
    before = client.sh("govstack-backup list").splitlines()
    for number in (1, 2):
        done = client.done("mkdir -p /srv/records; systemctl start govstack-backup")
        assert done.returncode == 0, client.sh("journalctl -u govstack-backup")
        kept = client.sh("govstack-backup list").splitlines()
        assert (kept[: len(before)], len(kept)) == (before, len(before) + number)


def test_what_is_wrong_is_said(lab: Any, hosts: tuple[Any, Any]) -> None:
    assert hosts
    same = [{"name": "a", "key": "ssh-ed25519 A"}, {"name": "b", "key": "ssh-ed25519 A"}]
    reason = lab.refuses("backup_server", {"backup_server_clients": same})
    assert "a key that no other has" in reason
    assert "missing required arguments" in lab.refuses("backup_client", {})
