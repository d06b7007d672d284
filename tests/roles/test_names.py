"""A server that knows names, and a host that asks it."""

from typing import Any

import pytest

pytestmark = pytest.mark.e2e

ZONES = [
    {
        "name": "yunzhou.example",
        "records": [
            {"name": "db-001", "value": "10.40.0.11"},
            {"name": "db", "type": "CNAME", "value": "db-001"},
        ],
    },
    {
        "name": "40.10.in-addr.arpa",
        "records": [{"name": "11.0", "type": "PTR", "value": "db-001.yunzhou.example."}],
    },
]


@pytest.fixture(scope="module")
def hosts(lab: Any) -> tuple[Any, Any]:
    server, client = lab.start("dns-001"), lab.start("app-001")
    lab.converge(
        "dns_server",
        {"dns_server_zones": ZONES, "dns_server_networks": [client.address]},
        hosts={server.name: {}},
    )
    lab.converge(
        "resolver",
        {"resolver_servers": [server.address], "resolver_search": ["yunzhou.example"]},
        hosts={client.name: {}},
    )
    return server, client


def test_names_resolve(hosts: tuple[Any, Any]) -> None:
    _, client = hosts
    assert client.sh("getent hosts db").split()[0] == "10.40.0.11"
    assert client.sh("getent hosts 10.40.0.11").split()[1] == "db-001.yunzhou.example"
    assert client.done("getent hosts web.other.example").returncode == 2


def test_only_declared_networks_may_ask(lab: Any, hosts: tuple[Any, Any]) -> None:
    server, client = hosts
    question = f"dig +time=2 +tries=1 @{server.address} db-001.yunzhou.example"
    assert "status: NOERROR" in client.sh(question)
    third = lab.start("other-001")
    assert "status: REFUSED" in third.sh(question)
    assert "Transfer failed" in client.sh(f"dig +tries=1 @{server.address} yunzhou.example AXFR")


def test_a_zone_that_goes_is_known_no_more(lab: Any, hosts: tuple[Any, Any]) -> None:
    server, client = hosts
    less = {"dns_server_zones": ZONES[:1], "dns_server_networks": [client.address]}
    chosen = {server.name: {}}
    assert len(lab.play("dns_server", less, hosts=chosen).changed) == 3
    assert lab.play("dns_server", less, hosts=chosen).changed == []
    assert "status: REFUSED" in client.sh(f"dig +tries=1 @{server.address} -x 10.40.0.11")


def test_what_is_wrong_is_said(lab: Any, hosts: tuple[Any, Any]) -> None:
    assert hosts
    assert "addresses, not names" in lab.refuses("resolver", {"resolver_servers": ["ns.example"]})
    assert "missing required arguments: resolver_servers" in lab.refuses("resolver", {})
    zone = {"name": "z", "records": [{"name": "a", "type": "ANY", "value": "x"}]}
    reason = lab.refuses("dns_server", {"dns_server_zones": [zone]})
    assert "value of type must be one of: A, AAAA, CNAME" in reason


def test_a_zone_with_a_mistake_does_not_replace_one_that_works(
    lab: Any, hosts: tuple[Any, Any]
) -> None:
    server, client = hosts
    zone = {"name": "yunzhou.example", "records": [{"name": "db-001", "value": "10.40.0.x"}]}
    wrong = {"dns_server_zones": [zone], "dns_server_networks": [client.address]}
    play = lab.play("dns_server", wrong, hosts={server.name: {}})
    assert (play.exit_code, play.changed) == (2, [])
    assert "bad dotted quad" in play.output
    assert client.sh("getent hosts db-001").split()[0] == "10.40.0.11"
