"""Messages go from one application to another, over TLS, and to no third."""

from typing import Any

import pytest

pytestmark = pytest.mark.e2e

NAME = "msg-001.yunzhou.example"
PASSWORD = "a-password-of-the-queue"
CLIENT = """
import pika, ssl, sys
account, password, host, action = sys.argv[1:5]
context = ssl.create_default_context(cafile="/root/ca.pem")
options = pika.SSLOptions(context, "msg-001.yunzhou.example")
try:
    known = pika.PlainCredentials(account, password)
    place = ("msg-001.yunzhou.example", 5671, host, known)
    link = pika.BlockingConnection(pika.ConnectionParameters(*place, ssl_options=options))
    channel = link.channel()
    if action == "make":
        channel.queue_declare("events", durable=True)
    if action == "send":
        kept = pika.BasicProperties(delivery_mode=2)
        channel.confirm_delivery()
        channel.basic_publish("", "events", sys.argv[5].encode(), kept)
    if action == "take":
        print(channel.basic_get("events", auto_ack=True)[2].decode())
    link.close()
except Exception as failed:
    print(repr(failed))
"""


@pytest.fixture(scope="module")
def variables(authority: Any) -> dict[str, Any]:
    names = ("soc", "env")
    return {
        **authority.issue("message_queue", NAME),
        "message_queue_accounts": [{"name": n, "password": f"{PASSWORD}-{n}"} for n in names],
        "message_queue_hosts": [
            {
                "name": "grid",
                "rights": [
                    {"account": "soc", "configure": "events", "write": ".*", "read": "events"},
                    {"account": "env", "read": "events"},
                ],
            }
        ],
    }


@pytest.fixture(scope="module")
def hosts(lab: Any, authority: Any, variables: dict[str, Any]) -> tuple[Any, Any]:
    server, client = lab.start("msg-001"), lab.start("app-001")
    client.sh(f"echo {server.address} {NAME} >>/etc/hosts")
    client.sh(f"printf '%s' '{authority.certificate}' >/root/ca.pem")
    client.sh(f"cat >/root/client.py <<'END'\n{CLIENT}\nEND")
    play = lab.converge("message_queue", {}, hosts={"msg-001": variables})
    assert PASSWORD not in play.output
    return server, client


def act(client: Any, account: str, *action: str, password: str = "", host: str = "grid") -> str:
    known = password or f"{PASSWORD}-{account}"
    words = " ".join((account, known, host, *action))
    told: str = client.sh(f"python3 /root/client.py {words}")
    return told


def test_what_one_sends_the_other_takes(hosts: tuple[Any, Any]) -> None:
    server, client = hosts
    assert act(client, "soc", "make") == ""
    assert act(client, "soc", "send", "积水") == ""
    assert act(client, "soc", "send", "积水2") == ""
    assert act(client, "env", "take") == "积水"
    # What was promised to be kept outlives a restart.
    server.sh("systemctl restart rabbitmq-server")
    assert act(client, "env", "take") == "积水2"


def test_others_get_nothing(hosts: tuple[Any, Any]) -> None:
    server, client = hosts
    assert "ACCESS_REFUSED" in act(client, "env", "send", "false")
    assert "ACCESS_REFUSED" in act(client, "env", "make")
    assert "NOT_ALLOWED" in act(client, "env", "take", host="/")
    assert "ACCESS_REFUSED" in act(client, "soc", "make", password="wrong")
    assert "ACCESS_REFUSED" in act(client, "guest", "make", password="guest")
    listening = server.sh("ss -Hltn | awk '{print $4}' | sort -u").splitlines()
    outside = [one for one in listening if not one.startswith(("127.", "[::1]"))]
    assert sorted(one.rpartition(":")[2] for one in outside) == ["22", "22", "5671"]
    spoken = f"echo | openssl s_client -connect {NAME}:5671 -tls1_1 2>&1"
    assert "Cipher is (NONE)" in client.sh(spoken)
    assert server.sh("stat -c '%a %G' /etc/rabbitmq/govstack/key.pem") == "640 rabbitmq"
    assert PASSWORD not in server.sh("journalctl; cat /var/log/rabbitmq/*")


def test_declarations_change(lab: Any, hosts: tuple[Any, Any], variables: dict[str, Any]) -> None:
    _, client = hosts
    less = {**variables, "message_queue_accounts": [{"name": "soc", "password": PASSWORD * 2}]}
    rights = variables["message_queue_hosts"][0]["rights"][:1]
    less["message_queue_hosts"] = [{"name": "grid", "rights": rights}]
    play = lab.play("message_queue", hosts={"msg-001": less})
    assert play.exit_code == 0, play.reasons
    assert act(client, "soc", "make", password=PASSWORD * 2) == ""
    assert "ACCESS_REFUSED" in act(client, "soc", "make")
    assert "ACCESS_REFUSED" in act(client, "env", "take")


def test_what_is_wrong_is_said(lab: Any, hosts: tuple[Any, Any], variables: dict[str, Any]) -> None:
    assert hosts
    reasons = lab.refuses("message_queue", {**variables, "message_queue_port": "many"})
    assert "cannot be converted to" in reasons
    reasons = lab.refuses("message_queue", {**variables, "message_queue_accounts": []})
    assert "not in message_queue_accounts: env, soc" in reasons
    assert "missing required arguments" in lab.refuses("message_queue", {})
