"""Somebody is told when something is wrong on a host, and strangers are told nothing."""

from typing import Any

import pytest

pytestmark = pytest.mark.e2e

RECEIVER = """
import http.server
class Told(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        with open("/tmp/told-alerts", "ab") as file:
            file.write(self.rfile.read(int(self.headers["Content-Length"])) + b"\\n")
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", 8099), Told).serve_forever()
"""
QUERY = "curl -sfG http://127.0.0.1:9090/api/v1/query --data-urlencode 'query={}'"


@pytest.fixture(scope="module")
def hosts(lab: Any, authority: Any) -> tuple[Any, Any]:
    watcher, watched = lab.start("mon-001"), lab.start("app-001")
    own = authority.issue("monitoring_agent", "app-001")
    lab.converge("monitoring_agent", own, hosts={"app-001": {}})
    variables = {
        **authority.issue("monitoring", "mon-001"),
        "monitoring_targets": [
            {
                "name": "app-001",
                "address": watched.address,
                "services": ["cron.service"],
                "labels": {"system": "协同办公"},
            }
        ],
        "monitoring_seconds": 1,
        "monitoring_patience_seconds": 1,
        "monitoring_receivers": [{"name": "duty", "url": "http://127.0.0.1:8099/"}],
        "monitoring_further_rules": [
            {"alert": "AlwaysSo", "expr": "vector(1)", "annotations": {"summary": "so"}}
        ],
    }
    lab.converge("monitoring", variables, hosts={"mon-001": {}})
    watcher.sh(f"systemd-run --quiet python3 -c '{RECEIVER}'")
    return watcher, watched


def test_the_host_is_watched(hosts: tuple[Any, Any]) -> None:
    watcher, _ = hosts
    asked = QUERY.format('up{host="app-001",system="协同办公"} == 1')
    watcher.eventually(f"{asked} | grep -q app-001", 30)
    shown = watcher.sh("curl -s http://127.0.0.1:9090/consoles/hosts.html")
    assert "<td>app-001</td><td>yes</td>" in shown


def test_a_stopped_service_is_told(hosts: tuple[Any, Any]) -> None:
    watcher, watched = hosts
    watched.sh("systemctl stop cron")
    told = watcher.eventually("grep -m 1 ServiceStopped /tmp/told-alerts", 60)
    assert "cron.service does not run on app-001" in told
    watched.sh("systemctl start cron")


def test_strangers_are_told_nothing(hosts: tuple[Any, Any]) -> None:
    watcher, watched = hosts
    ask = f"curl -sS --insecure https://{watched.address}:9100/metrics"
    asked = watcher.done(ask)
    assert (asked.returncode in {35, 55, 56}, asked.stdout) == (True, ""), asked.stderr
    listening = watcher.sh("ss -Hltn '( sport = :9090 or sport = :9093 )' | awk '{print $4}'")
    assert sorted(listening.split()) == ["127.0.0.1:9090", "127.0.0.1:9093"]
    assert watched.sh("stat -c '%a %U %G' /etc/prometheus/agent/key.pem") == "640 root prometheus"


def test_rules_with_a_mistake_do_not_replace_those_that_work(
    lab: Any, hosts: tuple[Any, Any], authority: Any
) -> None:
    assert hosts
    own = authority.issue("monitoring", "mon-001")
    wrong = {**own, "monitoring_further_rules": [{"alert": "Broken", "expr": "up =="}]}
    play = lab.play("monitoring", wrong, hosts={"mon-001": {}})
    assert play.exit_code == 2
    assert "unexpected end of input" in play.output
    assert "Broken" not in hosts[0].sh("cat /etc/prometheus/govstack-rules.yml")


def test_what_is_wrong_is_said(lab: Any, hosts: tuple[Any, Any], authority: Any) -> None:
    assert hosts
    own = authority.issue("monitoring_agent", "app-001")
    reason = lab.refuses("monitoring_agent", {**own, "monitoring_agent_port": 0})
    assert "which is no port" in reason
    own = authority.issue("monitoring", "mon-001")
    reason = lab.refuses("monitoring", {**own, "monitoring_days": "a month"})
    assert "cannot be converted to an int" in reason
