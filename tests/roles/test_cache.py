"""The cache keeps what an application puts in, and shows it to no other."""

from typing import Any

import pytest

pytestmark = pytest.mark.e2e

NAME = "msg-001.yunzhou.example"
PASSWORD = "a-password-of-the-cache"
# Speaks the protocol itself, so that the tests need no client: one command, one answer.
CLIENT = """
import socket, ssl, sys
context = ssl.create_default_context(cafile="/root/ca.pem")
plain = socket.create_connection(("msg-001.yunzhou.example", 6379), 5)
with context.wrap_socket(plain, server_hostname="msg-001.yunzhou.example") as cache:
    for command in sys.argv[1:]:
        parts = command.split()
        sent = f"*{len(parts)}\\r\\n" + "".join(f"${len(p)}\\r\\n{p}\\r\\n" for p in parts)
        cache.sendall(sent.encode())
        print(cache.recv(4096).decode().strip().replace("\\r\\n", " "))
"""


@pytest.fixture(scope="module")
def variables(authority: Any) -> dict[str, Any]:
    return {
        **authority.issue("cache", NAME),
        "cache_accounts": [
            {"name": "oa", "password": PASSWORD, "prefixes": ["oa:"]},
            {"name": "mkt", "password": PASSWORD + "-2", "prefixes": ["mkt:"]},
        ],
    }


@pytest.fixture(scope="module")
def hosts(lab: Any, authority: Any, variables: dict[str, Any]) -> tuple[Any, Any]:
    server, client = lab.start("msg-001"), lab.start("app-001")
    client.sh(f"echo {server.address} {NAME} >>/etc/hosts")
    client.sh(f"printf '%s' '{authority.certificate}' >/root/ca.pem")
    client.sh(f"printf '%s' '{CLIENT}' >/root/client.py")
    play = lab.converge("cache", {}, hosts={"msg-001": variables})
    assert PASSWORD not in play.output
    return server, client


def asked(client: Any, *commands: str, account: str = "oa", password: str = PASSWORD) -> list[str]:
    quoted = " ".join(f"'{one}'" for one in (f"AUTH {account} {password}", *commands))
    told: str = client.sh(f"python3 /root/client.py {quoted}")
    return told.splitlines()


def test_what_is_put_in_is_there(hosts: tuple[Any, Any]) -> None:
    assert asked(hosts[1], "SET oa:greeting hello", "GET oa:greeting") == ["+OK", "+OK", "$5 hello"]


def test_others_do_not_see_it(hosts: tuple[Any, Any]) -> None:
    server, client = hosts
    other = {"account": "mkt", "password": PASSWORD + "-2"}
    assert "NOPERM" in asked(client, "GET oa:greeting", **other)[1]
    assert "NOPERM" in asked(client, "KEYS *")[1]
    assert "NOPERM" in asked(client, "CONFIG GET *")[1]
    assert "WRONGPASS" in asked(client, password="wrong")[0]
    assert "NOAUTH" in client.sh("python3 /root/client.py 'GET oa:greeting'")
    assert server.sh("ss -Hltn | awk '{print $4}' | grep -c 6379") == "2"
    told = client.sh(f"printf 'PING\\r\\n' | timeout 2 nc {NAME} 6379 || true")
    assert "PONG" not in told
    spoken = f"echo | openssl s_client -connect {NAME}:6379 -tls1_1 2>&1"
    assert "Cipher is (NONE)" in client.sh(spoken)
    assert PASSWORD not in server.sh("cat /etc/redis/govstack/accounts.acl")
    assert server.sh("stat -c '%a %G' /etc/redis/govstack/key.pem") == "640 redis"


def test_declarations_change(lab: Any, hosts: tuple[Any, Any], variables: dict[str, Any]) -> None:
    less = {**variables, "cache_accounts": variables["cache_accounts"][:1]}
    play = lab.play("cache", hosts={"msg-001": less})
    assert play.exit_code == 0, play.reasons
    other = {"account": "mkt", "password": PASSWORD + "-2"}
    assert "WRONGPASS" in asked(hosts[1], **other)[0]
    assert asked(hosts[1])[0] == "+OK"


def test_what_is_wrong_is_said(lab: Any, hosts: tuple[Any, Any], variables: dict[str, Any]) -> None:
    assert hosts
    assert "cannot be converted to" in lab.refuses("cache", {**variables, "cache_port": "many"})
    short = [{"name": "oa", "password": "short", "prefixes": ["oa:"]}]
    reasons = lab.refuses("cache", {**variables, "cache_accounts": short})
    assert "Passwords have 16" in reasons
    assert "short" not in reasons
    assert "missing required arguments" in lab.refuses("cache", {})
