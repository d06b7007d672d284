"""What is not declared does not pass, and the automation is never cut off."""

from typing import Any

import pytest

pytestmark = pytest.mark.e2e

LISTEN = "systemd-run --quiet python3 -m http.server {}"
OPEN = "python3 -c 'import socket; socket.create_connection((\"{}\", {}), 2)'"


@pytest.fixture(scope="module")
def hosts(lab: Any) -> tuple[Any, Any]:
    guarded, other = lab.start("db-001"), lab.start("app-001")
    variables = {
        "firewall_automation": ["10.99.0.1"],
        "firewall_inbound": [
            {"networks": [other.address], "ports": ["5432", "6000-6010"], "why": "办公 -> 数据库"}
        ],
        "firewall_outbound": [
            {"networks": [other.address], "protocol": "icmp", "why": "looks for others"}
        ],
    }
    lab.converge("firewall", variables, hosts={guarded.name: {}})
    for port in (5432, 6005, 8000):
        guarded.sh(LISTEN.format(port))
        guarded.eventually(f"ss -Hltn sport {port} | grep -q .")
    other.sh(LISTEN.format(80))
    other.eventually("ss -Hltn sport 80 | grep -q .")
    return guarded, other


def test_declared_flows_pass_and_others_do_not(lab: Any, hosts: tuple[Any, Any]) -> None:
    guarded, other = hosts
    passing = [
        port
        for port in (22, 5432, 6005, 8000)
        if other.done(OPEN.format(guarded.address, port)).returncode == 0
    ]
    assert passing == [5432, 6005]
    assert lab.inside("sh", "-c", OPEN.format(guarded.address, 5432)).returncode == 1
    assert guarded.done(f"ping -c 1 -W 2 {other.address}").returncode == 0
    assert guarded.done(OPEN.format(other.address, 80)).returncode == 1
    assert other.done(f"ping -c 1 -W 1 {guarded.address}").returncode == 1


def test_rules_that_somebody_took_away_come_back(lab: Any, hosts: tuple[Any, Any]) -> None:
    guarded, other = hosts
    guarded.sh("nft flush ruleset")
    assert other.done(OPEN.format(guarded.address, 8000)).returncode == 0
    variables = {"firewall_automation": ["10.99.0.0/24"]}
    play = lab.play("firewall", variables, hosts={guarded.name: {}})
    assert play.exit_code == 0, play.reasons
    assert other.done(OPEN.format(guarded.address, 8000)).returncode == 1


def test_an_automation_that_would_cut_itself_off_is_refused(
    lab: Any, hosts: tuple[Any, Any]
) -> None:
    assert hosts
    reason = lab.refuses("firewall", {"firewall_automation": ["192.0.2.0/24"]})
    assert "The automation comes from 10.99.0.1, which is in none of" in reason


def test_rules_that_cut_it_off_all_the_same_undo_themselves(hosts: tuple[Any, Any]) -> None:
    guarded, _ = hosts
    before = guarded.sh("nft list table inet govstack")
    # As if sshd had moved to a port that the rules do not know.
    guarded.sh("sed -i 's/tcp dport 22/tcp dport 2222/' /etc/nftables.conf")
    undo = "systemd-run --quiet --collect --unit=govstack-firewall-undo --on-active=2"
    guarded.sh("(echo flush ruleset; nft list ruleset) >/run/govstack-firewall-undo")
    guarded.sh(f"{undo} /usr/sbin/nft -f /run/govstack-firewall-undo; nft -f /etc/nftables.conf")
    assert guarded.sh("nft list table inet govstack") != before
    guarded.eventually("nft list table inet govstack | grep -q 'dport 22 '", 10)
    assert guarded.sh("nft list table inet govstack") == before


def test_what_is_wrong_is_said(lab: Any, hosts: tuple[Any, Any]) -> None:
    assert hosts
    assert "missing required arguments: firewall_automation" in lab.refuses("firewall", {})
    flow = {"networks": ["10.0.0.0/8"], "why": "everything"}
    wrong = {"firewall_automation": ["10.99.0.1"], "firewall_inbound": [flow]}
    assert "The flow everything needs ports" in lab.refuses("firewall", wrong)
