"""On a host that has nothing of what roles install, check mode goes through, changing nothing."""

from typing import Any

import pytest

pytestmark = pytest.mark.e2e

PACKAGES = (
    "auditd bind9 borgbackup chrony libpam-oath nginx-light prometheus prometheus-alertmanager"
    " prometheus-node-exporter rsyslog-gnutls tlog"
)


def test_every_role_can_be_checked(lab: Any, authority: Any) -> None:
    host = lab.start("bare-001")
    host.sh(f"dpkg --purge --force-depends {PACKAGES}; rm -f /etc/apt/sources.list.d/*")
    variables = {
        "time_servers": ["10.0.0.1"],
        "time_server_networks": ["10.0.0.0/8"],
        "resolver_servers": ["10.0.0.1"],
        "dns_server_zones": [{"name": "yunzhou.example", "records": []}],
        "dns_server_networks": ["10.0.0.0/8"],
        **authority.issue("log_client", "a"),
        "log_client_servers": ["log"],
        **authority.issue("log_server", "a"),
        "log_server_clients": ["*"],
        **authority.issue("monitoring_agent", "a"),
        **authority.issue("monitoring", "a"),
        **authority.issue("package_repository", "a"),
        "package_repository_signing_key": "key",
        "backup_client_server": "10.0.0.1",
        "backup_client_server_key": "ssh-ed25519 AAAA",
        "backup_client_key": "key",
        "backup_client_passphrase": "a-long-passphrase",
        "firewall_automation": ["10.99.0.1"],
    }
    roles = ["base", "time", "time_server", "resolver", "dns_server", "log_client", "log_server"]
    roles += ["monitoring_agent", "monitoring", "backup_client", "backup_server"]
    roles += ["package_repository", "bastion", "firewall", "hardening"]
    before = host.sh("find /etc -type f | xargs sha256sum")
    play = lab.play(roles, variables, "--check", "--diff")
    assert play.exit_code == 0, play.reasons
    installing = [name for name in play.changed if name.endswith("Install packages by apt")]
    assert len(installing) == 12
    assert host.sh("find /etc -type f | xargs sha256sum") == before
