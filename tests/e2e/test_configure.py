"""Hosts of the embedded cloud become what the site says, once; and secrets stay where they are."""

import json
from pathlib import Path
from typing import Any

import pytest

from govstack.sandbox import lacking
from govstack.state.places import Places
from govstack.state.secrets import passphrase
from govstack.state.vault import read_vault

pytestmark = pytest.mark.e2e

BASTION = "yz-mgt-dsjj-bas-bastion-001"
LOGS = "yz-mgt-dsjj-log-collector-001"
HOSTS = [BASTION, LOGS]
PLANTED = "planted-in-the-environment-0123456789"
OFFERS = """
offers:
  dns: {role: collector, port: udp/53}
"""
CHANGES = (
    ("    ports: [tcp/6514]\n", "    ports: [tcp/6514, udp/53, tcp/53]\n"),
    ("mlps: 3\n", "mlps: 3\ndns_domain: yunzhou.example\n"),
)
START_SECONDS = "60"


@pytest.fixture(scope="module")
def small(city: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A city of two hosts, one of which serves the other names and a place for logs."""
    lacks = lacking(tmp_path_factory.mktemp("probe"))
    if lacks:
        pytest.skip(f"servers cannot be hosts here: {lacks}")
    path = city.site / "site.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in CHANGES:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text[: text.index("  - from: internet")], encoding="utf-8")
    with (city.site / "systems/inf-log.yaml").open("a", encoding="utf-8") as file:
        file.write(OFFERS)
    for system in ("app-hal", "app-oa", "dat-rdb"):
        (city.site / "systems" / f"{system}.yaml").unlink()
    made = city.run("up", "--yes")
    assert made.exit_code == 0, made.failure
    return city


@pytest.fixture(scope="module")
def configured(small: Any) -> dict[str, Any]:
    """What is reported of hosts by an `up` that finds the cloud made, and goes on from there."""
    ran = small.run("up", "--yes", GOVSTACK_UP_CLOUD_ONLY="", OS_PASSWORD=PLANTED)
    assert ran.exit_code == 0, ran.failure
    assert {system["outcome"] for system in ran.data["systems"]} == {"unchanged"}
    assert ran.data["verified"]["findings"] == []
    assert ran.data["verified"]["tried"]["paths"] > 0
    return dict(ran.data["configured"])


def inside(city: Any, host: str, command: str) -> str:
    ran = city.text("ssh", host, "--", command)
    assert ran.exit_code == 0, ran.stdout + ran.stderr
    return str(ran.stdout).strip()


def outcomes(data: dict[str, Any]) -> dict[str, str]:
    return {host["name"]: host["outcome"] for host in data["hosts"]}


def test_hosts_are_what_the_site_says(small: Any, configured: dict[str, Any]) -> None:
    assert outcomes(configured) == dict.fromkeys(HOSTS, "done")
    roles = {task["role"] for host in configured["hosts"] for task in host["tasks"]}
    assert {"base", "bastion", "log_server", "log_client", "resolver"} <= roles
    assert {"dns_server", "firewall", "hardening"} <= roles
    inside(small, BASTION, "logger of-the-bastion; getent hosts dns.inf-log.yunzhou.example")
    found = f"until sudo grep -rqs of-the-bastion /var/log/remote; do sleep 0.2; done; echo {LOGS}"
    assert inside(small, LOGS, f"timeout {START_SECONDS} sh -c '{found}'") == LOGS
    assert "policy drop" in inside(small, BASTION, "sudo nft list chain inet govstack inbound")


def test_the_second_run_touches_no_host(small: Any, configured: dict[str, Any]) -> None:
    again = small.run("configure").data
    assert outcomes(again) == dict.fromkeys(HOSTS, "unchanged")
    assert again["folder"] == ""
    assert configured["folder"]
    up = small.run("up", "--yes", GOVSTACK_UP_CLOUD_ONLY="").data
    assert outcomes(up["configured"]) == dict.fromkeys(HOSTS, "unchanged")
    assert up["verified"] is None


def test_what_was_run_holds_no_secret(small: Any, configured: dict[str, Any]) -> None:
    places = Places(small.place)
    keys = read_vault(places.vault / "_certificates.yml", passphrase(places))["govstack_keys"]
    texts = [line for each in keys.values() for pem in each.values() for line in pem.splitlines()]
    secrets = [PLANTED, *(text for text in texts if not text.startswith("-----"))]
    files = [path for path in places.runs.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"inventory.yaml", "playbook.yaml", "events.jsonl"}
    assert Path(configured["folder"]).is_relative_to(places.runs)
    for path in files:
        content = path.read_text(encoding="utf-8")
        assert [secret for secret in secrets if secret in content] == [], path


def test_what_somebody_changed_on_a_host_is_put_back(
    small: Any, configured: dict[str, Any]
) -> None:
    assert configured
    inside(small, BASTION, "sudo sh -c 'echo broken >/etc/resolv.conf'")
    words = ("configure", "--host", BASTION, "--role", "resolver", "--diff")
    (host,) = small.run(*words, "--check").data["hosts"]
    (diff,) = (task["diff"] for task in host["tasks"])
    assert diff.startswith("--- /etc/resolv.conf\n")
    assert "-broken" in diff.splitlines()
    assert inside(small, BASTION, "cat /etc/resolv.conf") == "broken"
    (host,) = small.run(*words).data["hosts"]
    assert [task["diff"] for task in host["tasks"]] == [diff]
    assert outcomes(small.run("configure", "--host", BASTION).data) == {BASTION: "unchanged"}


def test_all_hosts_run_again_change_nothing(small: Any, configured: dict[str, Any]) -> None:
    assert configured
    again = small.run("configure", "--all").data
    assert outcomes(again) == dict.fromkeys(HOSTS, "done")
    assert {host["name"]: host["tasks"] for host in again["hosts"]} == {host: [] for host in HOSTS}


def test_what_hosts_are_for_is_proven(small: Any, configured: dict[str, Any]) -> None:
    assert configured
    proven = small.run("verify")
    assert proven.exit_code == 0, proven.envelope["data"]["findings"]
    tried = {probe["probe"] for probe in proven.data["probes"]}
    assert {"log_client.arrives", "log_server.strangers", "dns_server.zones"} <= tried
    assert {"resolver.names", "bastion.strangers", "firewall.loaded", "base.name"} <= tried
    assert proven.data["untried"] == []
    assert small.run("status").data["verified"]["findings"] == 0


def test_what_does_not_serve_is_told_with_what_to_do(
    small: Any, configured: dict[str, Any]
) -> None:
    assert configured
    inside(small, LOGS, "sudo systemctl stop rsyslog.service syslog.socket named")
    try:
        ran = small.run("verify", "--probe", "log_client", "--probe", "resolver.names")
    finally:
        inside(small, LOGS, "sudo systemctl start syslog.socket rsyslog.service named")
    assert ran.exit_code == 8
    found = {(one["probe"], one["host"]): one for one in ran.envelope["data"]["findings"]}
    arrives = found["log_client.arrives", BASTION]
    assert arrives["seen"] == f"on {LOGS}: out empty"
    assert f"on {LOGS}: journalctl -u rsyslog" in arrives["hint"]
    assert "Temporary failure" in found["resolver.names", BASTION]["seen"]
    assert small.run("verify", "--probe", "log_client").exit_code == 0


@pytest.fixture
def without_logs(small: Any, configured: dict[str, Any]) -> None:
    """The time in which one host is off; no test comes after it."""
    assert configured
    small.text("ssh", LOGS, "--", "sudo systemctl poweroff")
    answers = True
    while answers:
        answers = small.text("ssh", LOGS, "--", "true").exit_code == 0


def test_a_host_that_is_off_fails_alone(small: Any, without_logs: None) -> None:
    del without_logs
    ran = small.run("configure", "--all", "--role", "base")
    assert ran.exit_code == 6
    hosts = {host["name"]: host for host in ran.envelope["data"]["hosts"]}
    assert {name: host["outcome"] for name, host in hosts.items()} == {
        BASTION: "done",
        LOGS: "failed",
    }
    assert hosts[LOGS]["task"] == "cannot be reached"
    assert f"govstack ssh {LOGS}" in hosts[LOGS]["hint"]
    assert ran.error["code"] == "configure"
    assert LOGS in ran.error["message"]
    cheap = small.run("configure")
    assert cheap.exit_code == 6
    assert outcomes(json.loads(cheap.stdout)["data"]) == {BASTION: "unchanged", LOGS: "failed"}
