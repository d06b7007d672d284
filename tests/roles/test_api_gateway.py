"""Who has a key is let through, so often, to what is meant for it; all others are not."""

import json
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

NAME, BEHIND = "api-001.yunzhou.example", "exc-001.yunzhou.example"
KEYS = {"app-ioc": "k" * 30, "app-oa": "o" * 30}
SERVER = """
import http.server, json, ssl
class Told(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"path": self.path, "headers": dict(self.headers)}).encode())
server = http.server.ThreadingHTTPServer(("", 8443), Told)
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain("/root/pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""


@pytest.fixture(scope="module")
def variables(authority: Any) -> dict[str, Any]:
    to = f"https://{BEHIND}:8443/sets"
    known = {"account": "dat-api", "password": "a-password-of-the-gateway"}
    return {
        **authority.issue("api_gateway", NAME),
        "api_gateway_services": [
            {
                "path": "/app-env/air",
                "name": "空气质量监测数据",
                "to": f"{to}/app-env/air",
                **known,
            },
            {"path": "/app-oa/notices", "name": "公开文件目录", "to": f"{to}/app-oa/notices"},
        ],
        "api_gateway_consumers": [
            {"name": "app-ioc", "key": KEYS["app-ioc"], "paths": ["/app-env/air"]},
            {"name": "app-oa", "key": KEYS["app-oa"], "paths": ["/app-env/air"], "per_minute": 6},
        ],
    }


@pytest.fixture(scope="module")
def host(lab: Any, authority: Any, variables: dict[str, Any]) -> Any:
    host, own = lab.start("api-001"), authority.issue("x", BEHIND)
    host.sh(f"echo 127.0.0.1 {NAME} {BEHIND} >>/etc/hosts")
    host.sh(f"printf '%s' '{authority.certificate}' >/root/ca.pem")
    host.sh(f"printf '%s' '{own['x_certificate']}{own['x_key']}' >/root/pem")
    host.sh(f"printf '%s' '{SERVER}' >/root/server.py")
    host.sh("systemd-run --quiet --unit behind python3 /root/server.py")
    play = lab.converge("api_gateway", {}, hosts={"api-001": variables})
    assert KEYS["app-ioc"] not in play.output
    assert "a-password-of-the-gateway" not in play.output
    return host


def asked(host: Any, path: str, *options: str) -> str:
    """Return the status, and what was told."""
    command = f"curl -sS --cacert /root/ca.pem -w '%{{http_code}}' {' '.join(options)}"
    told: str = host.sh(f"{command} https://{NAME}{path}")
    return told[-3:] + " " + told[:-3]


def key(name: str) -> str:
    return f"-H 'X-API-Key: {KEYS[name]}'"


def test_a_key_opens_what_it_is_for(host: Any) -> None:
    told = asked(host, "/app-env/air?from=5", key("app-ioc"), "-H 'X-Consumer: me'")
    assert told.startswith("200")
    shown = json.loads(told[4:])
    assert shown["path"] == "/sets/app-env/air?from=5"
    assert shown["headers"]["X-Consumer"] == "app-ioc"
    assert shown["headers"]["Authorization"].startswith("Basic ")
    assert "X-API-Key" not in shown["headers"]
    assert asked(host, "/app-oa/notices", key("app-ioc")).startswith("403")
    assert asked(host, "/app-env/air").startswith("401")
    assert asked(host, "/app-env/air", "-H 'X-API-Key: guess'").startswith("401")
    assert asked(host, "/app-env/air", key("app-ioc"), "-X PUT").startswith("403")
    assert asked(host, "/app-env/air/../../etc", key("app-ioc")).startswith("404")


def test_whoever_asks_too_often_waits_and_others_do_not(host: Any) -> None:
    statuses = [asked(host, "/app-env/air", key("app-oa"))[:3] for _ in range(4)]
    assert statuses == ["200", "200", "429", "429"]
    assert "retry-after: 60" in asked(host, "/app-env/air", key("app-oa"), "-i").lower()
    assert asked(host, "/app-env/air", key("app-ioc")).startswith("200")


def test_what_is_published_is_told(host: Any) -> None:
    document = json.loads(asked(host, "/openapi.json")[4:])
    assert document["openapi"] == "3.0.3"
    assert set(document["paths"]) == {"/app-env/air", "/app-oa/notices"}
    assert document["paths"]["/app-env/air"]["get"]["summary"] == "空气质量监测数据"


def test_it_is_written_who_asked(host: Any) -> None:
    log = host.sh("journalctl -t gateway -o cat")
    assert 'consumer=app-ioc from=127.0.0.1 "GET /app-env/air" 200' in log
    assert 'consumer= from=127.0.0.1 "GET /app-env/air" 401' in log
    assert KEYS["app-ioc"] not in host.sh("journalctl; cat /var/log/nginx/*")
    modes = host.sh("cd /etc/nginx/govstack-gateway; stat -c '%a' *.conf key.pem")
    assert modes.split() == ["600"] * 3


def test_another_behind_it_is_not_asked(host: Any, authority: Any) -> None:
    own = authority.issue("x", "somebody-else")
    host.sh(f"printf '%s' '{own['x_certificate']}{own['x_key']}' >/root/pem; systemctl stop behind")
    host.sh("systemd-run --quiet --unit behind python3 /root/server.py")
    host.eventually("ss -Hltn sport 8443 | grep -q .")
    assert asked(host, "/app-env/air", key("app-ioc")).startswith("502")


def test_what_is_wrong_is_said(lab: Any, host: Any, variables: dict[str, Any]) -> None:
    assert host
    short = [{"name": "app-ioc", "key": "short", "paths": []}]
    reasons = lab.refuses("api_gateway", {**variables, "api_gateway_consumers": short})
    assert "different keys of 24" in reasons
    assert "short" not in reasons
    wrong = {name: value for name, value in variables.items() if name != "api_gateway_key"}
    reasons = lab.refuses("api_gateway", {**wrong, "api_gateway_port": "many"})
    assert "cannot be converted to" in reasons
    assert "missing required arguments: api_gateway_key" in reasons
