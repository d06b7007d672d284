"""Requests are answered while one of those who answer them dies, and while a balancer does."""

from typing import Any

import pytest

pytestmark = pytest.mark.e2e

FRONT = "hall.yunzhou.example"
SERVERS = ("web-001", "web-002")
SERVER = """
import http.server, ssl, sys
class Told(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        visitor = self.headers["X-Forwarded-For"] or ""
        self.wfile.write((sys.argv[1] + " " + visitor).encode())
server = http.server.ThreadingHTTPServer(("", 8443), Told)
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain("/root/pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""
ASK = f"curl -sS --max-time 8 --cacert /root/ca.pem https://{FRONT}/"


@pytest.fixture(scope="module")
def variables(lab: Any, authority: Any) -> dict[str, Any]:
    """Return what a balancer is to do; servers and a visitor are started."""
    for name in SERVERS:
        host, own = lab.start(name), authority.issue("x", name)
        host.sh(f"printf '%s' '{own['x_certificate']}{own['x_key']}' >/root/pem")
        host.sh(f"printf '%s' '{SERVER}' >/root/server.py")
        host.sh(f"systemd-run --quiet --unit web python3 /root/server.py {name}")
    addresses = {name: lab.machines[name].address for name in SERVERS}
    servers = [{"name": n, "address": a, "port": 8443} for n, a in addresses.items()]
    return {
        **authority.issue("load_balancer", FRONT),
        "load_balancer_services": [
            {"name": "hall", "port": 443, "health": "/health", "servers": servers},
            {"name": "raw", "port": 8444, "mode": "tcp", "servers": servers},
        ],
        "load_balancer_seconds": 1,
    }


@pytest.fixture(scope="module")
def balancer(lab: Any, authority: Any, variables: dict[str, Any]) -> Any:
    host = lab.start("lbs-001")
    host.sh(
        f"echo 127.0.0.1 {FRONT} >>/etc/hosts; printf '%s' '{authority.certificate}' >/root/ca.pem"
    )
    play = lab.converge("load_balancer", variables, hosts={"lbs-001": {}})
    assert variables["load_balancer_key"].splitlines()[1] not in play.output
    host.eventually(ASK)
    return host


def answers(balancer: Any) -> set[str]:
    """Return who answers four requests; each must be answered."""
    told = balancer.sh(f"for i in 1 2 3 4; do {ASK} -H 'X-Forwarded-For: 6.6.6.6'; echo; done")
    assert "curl" not in told, told
    return {line.split()[0] for line in told.splitlines() if line}


def test_requests_are_spread_over_all(balancer: Any) -> None:
    assert answers(balancer) == set(SERVERS)
    assert balancer.sh(f"{ASK} -H 'X-Forwarded-For: 6.6.6.6'").endswith(" 127.0.0.1")
    shown = balancer.sh(f"{ASK.replace('-sS', '-sSI')}")
    assert "strict-transport-security" in shown.lower()
    through = "openssl s_client -connect 127.0.0.1:8444 </dev/null 2>/dev/null"
    assert "CN = web-00" in balancer.sh(through)


def test_one_that_dies_is_not_missed(lab: Any, balancer: Any) -> None:
    first = lab.machines["web-001"]
    first.sh("systemctl kill --signal KILL web")
    assert answers(balancer) == {"web-002"}
    balancer.eventually("journalctl --unit haproxy | grep 'Server hall/web-001 is DOWN'")
    first.sh(
        "systemctl reset-failed web; systemd-run --quiet --unit web python3 /root/server.py web-001"
    )
    balancer.eventually("journalctl --unit haproxy | grep 'Server hall/web-001 is UP'")
    assert answers(balancer) == set(SERVERS)


def test_one_whose_certificate_is_another_is_not_asked(
    lab: Any, balancer: Any, authority: Any
) -> None:
    second, own = lab.machines["web-002"], authority.issue("x", "somebody-else")
    second.sh(f"printf '%s' '{own['x_certificate']}{own['x_key']}' >/root/pem; systemctl stop web")
    second.sh("systemd-run --quiet --unit web python3 /root/server.py web-002")
    balancer.eventually("journalctl --unit haproxy | grep 'hall/web-002 is DOWN.*SSL'")
    assert answers(balancer) == {"web-001"}


def test_a_shared_address_moves(lab: Any, balancer: Any, variables: dict[str, Any]) -> None:
    other = lab.start("lbs-002")
    shared = {
        **variables,
        "load_balancer_shared_address": "10.99.0.200/32",
        "load_balancer_interface": balancer.sh("ls /sys/class/net | grep -v lo"),
        "load_balancer_password": "eight-08",
    }
    hosts = {
        "lbs-001": {"load_balancer_peers": [other.address], "load_balancer_priority": 150},
        "lbs-002": {"load_balancer_peers": [balancer.address]},
    }
    play = lab.converge("load_balancer", shared, hosts=hosts)
    assert "eight-08" not in play.output
    has = "ip -4 address | grep -q 10.99.0.200"
    balancer.eventually(has)
    other.eventually(f"! {has}")
    balancer.sh("systemctl stop haproxy")
    other.eventually(has)
    balancer.sh("systemctl start haproxy")
    balancer.eventually(has)
    other.eventually(f"! {has}")
    lab.converge("load_balancer", variables, hosts={"lbs-001": {}})
    assert balancer.done(has).returncode == 1


def test_what_is_wrong_is_said(lab: Any, balancer: Any, variables: dict[str, Any]) -> None:
    assert balancer
    hosts = {"lbs-001": variables}
    wrong = {"load_balancer_services": [{"name": "hall", "port": "many", "servers": []}]}
    play = lab.play("load_balancer", hosts={"lbs-001": {**variables, **wrong}})
    assert "cannot be converted to" in play.reasons
    wrong = {"load_balancer_services": [{"name": "hall", "port": 443, "servers": []}]}
    play = lab.play("load_balancer", hosts={"lbs-001": {**hosts["lbs-001"], **wrong}})
    assert (play.exit_code, play.changed) == (2, [])
    assert "Nobody serves these" in play.reasons
    assert "missing required arguments" in lab.refuses("load_balancer", {})
