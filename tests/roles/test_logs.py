"""What hosts log arrives, stays, and cannot be taken away by those who run the hosts."""

from typing import Any

import pytest

pytestmark = pytest.mark.e2e

SERVER, CLIENT = "log-001.yunzhou.example", "app-001.yunzhou.example"


@pytest.fixture(scope="module")
def hosts(lab: Any, authority: Any) -> tuple[Any, Any]:
    server, client = lab.start("log-001"), lab.start("app-001")
    client.sh(f"echo {server.address} {SERVER} log.other.example >>/etc/hosts")
    own = authority.issue("log_server", SERVER)
    lab.converge(
        "log_server", {**own, "log_server_clients": ["*.yunzhou.example"]}, hosts={"log-001": {}}
    )
    own = authority.issue("log_client", CLIENT)
    play = lab.converge(
        "log_client", {**own, "log_client_servers": [SERVER]}, hosts={"app-001": {}}
    )
    assert own["log_client_key"].splitlines()[1] not in play.output
    return server, client


def test_a_line_arrives_under_the_address_of_its_host(hosts: tuple[Any, Any]) -> None:
    server, client = hosts
    client.sh("logger --tag office 公文已发送")
    folder = f"/var/log/hosts/{client.address}"
    server.eventually(f"grep -r 公文已发送 {folder}")
    assert client.sh("stat -c '%a %U' /etc/rsyslog.d/govstack/key.pem") == "600 root"


def test_what_could_not_be_sent_is_sent_later(hosts: tuple[Any, Any]) -> None:
    server, client = hosts
    server.sh("systemctl stop rsyslog syslog.socket")
    client.sh("logger while-away; sleep 1; logger while-away-too")
    server.sh("systemctl start rsyslog")
    server.eventually("grep -r while-away-too /var/log/hosts", 40)


def test_a_host_without_a_certificate_of_the_site_is_not_heard(
    lab: Any, hosts: tuple[Any, Any], authority: Any
) -> None:
    server, client = hosts
    own = authority.issue("log_client", "app-001.other.example")
    variables = {**own, "log_client_servers": [SERVER]}
    assert lab.play("log_client", variables, hosts={"app-001": {}}).exit_code == 0
    client.sh("logger from-elsewhere")
    server.eventually("journalctl | grep 'not permitted to talk'")
    assert server.sh("grep -r from-elsewhere /var/log/hosts") == ""


def test_operators_neither_read_nor_erase_and_auditors_read(hosts: tuple[Any, Any]) -> None:
    server, client = hosts
    server.sh("groupadd gov-system; useradd -G gov-system wang; useradd -G gov-audit zhao")
    file = server.sh(f"ls /var/log/hosts/{client.address}/*.log")
    assert server.done(f"cat {file}", user="wang").returncode == 1
    assert server.done(f"rm -f {file}", user="wang").returncode == 1
    assert "公文已发送" in server.sh(f"cat {file}", user="zhao")
    assert server.done(f"rm -f {file} && test ! -e {file}", user="zhao").returncode == 1


def test_what_root_takes_away_shows(hosts: tuple[Any, Any]) -> None:
    server, _ = hosts
    days = [server.sh(f"date -d '{back} days ago' +%Y-%m-%d") for back in (3, 2, 200)]
    folder = "/var/log/hosts/10.99.0.99"
    for day in days:
        server.sh(f"mkdir -p {folder}; echo {day} >{folder}/{day}.log")
    server.sh(f"touch -d '200 days ago' {folder}/{days[2]}.log")
    server.sh("systemctl start govstack-log-seal")
    # What is too old has gone, and that is right.
    assert server.sh(f"ls {folder}").split() == sorted(f"{day}.log.gz" for day in days[:2])
    assert server.done("govstack-log-seals").returncode == 0
    first, second = (f"10.99.0.99/{day}.log.gz" for day in days[:2])
    server.sh(f"cd /var/log/hosts; chattr -i {first} {second}; echo x >>{first}; rm {second}")
    told = server.sh("govstack-log-seals").splitlines()
    assert told == [f"changed: ./{first}", f"missing: ./{second}"]
    server.sh("sed -i 2d /var/log/hosts/seals")
    told = server.sh("govstack-log-seals").splitlines()
    assert [f"the chain is broken before ./{second}", f"not in the chain: ./{first}"] == [
        told[0],
        told[-1],
    ]


def test_what_is_wrong_is_said(lab: Any, hosts: tuple[Any, Any], authority: Any) -> None:
    assert hosts
    own = authority.issue("log_server", SERVER) | {"log_server_clients": ["*"]}
    reason = lab.refuses("log_server", {**own, "log_server_days": 90})
    assert "the law asks for six months" in reason
    assert "missing required arguments" in lab.refuses("log_client", {})
