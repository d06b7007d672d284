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
        command = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name))
        subprocess.run(command, check=True)
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
    assert client.sh("cat /srv/again/srv/records/letter /srv/again/srv/records/dump") == "公文\nrows"
    assert "is not empty" in client.sh(f"govstack-backup restore {name} /srv/again")
    assert client.sh("systemctl is-active govstack-backup.timer") == "active"


def test_what_a_host_deletes_stays(hosts: tuple[Any, Any]) -> None:
    server, client = hosts
    before = int(server.sh("du -s /srv/backup/app-001 | cut -f 1"))
    borg = (
        "BORG_PASSCOMMAND='cat /etc/govstack/backup/passphrase' BORG_BASE_DIR=/tmp/borg"
        " BORG_RSH='ssh -i /etc/govstack/backup/key -o UserKnownHostsFile=/etc/govstack/backup/known_hosts'"
        f" borg {{}} gov-backup@{server.address}:/srv/backup/{{}}"
    )
    yes = "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes BORG_RELOCATED_REPO_ACCESS_IS_OK=yes"
    name = client.sh("govstack-backup list")
    client.sh(f"{yes} {borg.format('delete', f'app-001::{name}')}")
    client.sh(f"{yes} {borg.format('compact', 'app-001')}")
    assert client.sh("govstack-backup list") == ""
    assert int(server.sh("du -s /srv/backup/app-001 | cut -f 1")) >= before
    assert server.sh("cat /srv/backup/app-001/transactions").startswith("transaction ")
    assert "path not allowed" in client.sh(borg.format("init --encryption=none", "other-001")).lower()
    shell = f"ssh -i /etc/govstack/backup/key -o UserKnownHostsFile=/etc/govstack/backup/known_hosts gov-backup@{server.address} rm -rf /srv/backup/app-001"
    client.sh(f"timeout 5 {shell}")
    assert server.sh("ls /srv/backup") == "app-001"


def test_the_server_cannot_read_them(hosts: tuple[Any, Any]) -> None:
    server, _ = hosts
    assert server.sh("grep -rl 公文 /srv/backup") == ""
    assert server.sh("stat -c '%a %U' /srv/backup") == "700 gov-backup"


def test_what_is_wrong_is_said(lab: Any, hosts: tuple[Any, Any]) -> None:
    assert hosts
    same = [{"name": "a", "key": "ssh-ed25519 A"}, {"name": "b", "key": "ssh-ed25519 A"}]
    assert "a key that no other has" in lab.refuses("backup_server", {"backup_server_clients": same})
    assert "missing required arguments" in lab.refuses("backup_client", {})
