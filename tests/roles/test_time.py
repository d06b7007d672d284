"""A server that tells the time, and a host that goes by it."""

from typing import Any

import pytest

pytestmark = pytest.mark.e2e

ASK = """python3 -c '
import socket
asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asked.settimeout(2)
asked.sendto(b"\\x23" + 47 * b"\\0", ("{}", 123))
print("stratum", asked.recv(48)[1])'"""


@pytest.fixture(scope="module")
def hosts(lab: Any) -> tuple[Any, Any]:
    server, client = lab.start("time-001"), lab.start("app-001")
    lab.converge(
        ["time", "time_server"],
        {"time_server_networks": ["10.99.0.12/32"], "time_server_own_stratum": 9},
        hosts={server.name: {}},
    )
    lab.converge("time", {"time_servers": [server.address]}, hosts={client.name: {}})
    return server, client


def test_the_host_goes_by_the_server(hosts: tuple[Any, Any]) -> None:
    server, client = hosts
    client.eventually(f"chronyc -n -c sources | grep -q '^^,[*],{server.address},9,'", 30)
    assert client.sh("systemctl is-enabled chrony") == "enabled"


def test_only_declared_networks_may_ask(lab: Any, hosts: tuple[Any, Any]) -> None:
    server, client = hosts
    assert client.sh(ASK.format(server.address)) == "stratum 9"
    refused = lab.inside("sh", "-c", ASK.format(server.address))
    assert refused.stderr.endswith("TimeoutError: timed out\n")


def test_nobody_on_the_network_asks_about_the_clock(hosts: tuple[Any, Any]) -> None:
    assert hosts[0].sh("ss -Hlnu sport 323") == ""


def test_what_is_wrong_is_said(lab: Any, hosts: tuple[Any, Any]) -> None:
    assert hosts
    assert "time_servers names one twice" in lab.refuses("time", {"time_servers": ["a", "a"]})
    wrong = {"time_step_seconds": "soon"}
    assert "cannot be converted to a float" in lab.refuses("time", wrong)
    assert "needs time_server_networks" in lab.refuses("time_server", {})
