"""The demonstration does its work by what the site gives it, and can do little else."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

SERVICES, OFFICE, LEADERS = "svc-001", "app-001", "app-002"
PASSWORD = "a-password-of-the-site"
KEY = "k" * 30
SET = "/app-oa/notices"


@pytest.fixture(scope="module")
def hosts(lab: Any, authority: Any) -> tuple[Any, Any, Any]:
    """Start what applications use: a database, the exchange, and the gateway, on one host."""
    for name in (SERVICES, OFFICE, LEADERS):
        lab.start(name)
    lines = "".join(f"{one.address} {name}\\n" for name, one in lab.machines.items())
    for name, machine in lab.machines.items():
        machine.sh(f"sed -i '/{name}/d' /etc/hosts; printf '{lines}' >>/etc/hosts")
        machine.sh(f"printf '%s' '{authority.certificate}' >/root/ca.pem")
    net = ["10.99.0.0/24"]
    known = [{"name": n, "password": PASSWORD, "addresses": net} for n in ("oa", "ioc", "exchange")]
    behind = f"https://{SERVICES}:8443/sets{SET}"
    services = {
        **authority.issue("database", SERVICES),
        "database_memory_mb": 64,
        "database_accounts": known,
        "database_databases": [{"name": one["name"], "owner": one["name"]} for one in known],
        **authority.issue("data_exchange", SERVICES),
        "data_exchange_database_host": SERVICES,
        "data_exchange_database_name": "exchange",
        "data_exchange_database_account": "exchange",
        "data_exchange_database_password": PASSWORD,
        "data_exchange_accounts": [{"name": n, "password": PASSWORD} for n in ("app-oa", "gate")],
        "data_exchange_sets": [
            {
                "provider": "app-oa",
                "id": "notices",
                "name": "公开文件目录",
                "share": "unconditional",
                "consumers": ["gate"],
            }
        ],
        **authority.issue("api_gateway", SERVICES),
        "api_gateway_services": [
            {"path": SET, "name": "公开", "to": behind, "account": "gate", "password": PASSWORD}
        ],
        "api_gateway_consumers": [{"name": "app-ioc", "key": KEY, "paths": [SET]}],
    }
    roles = ["database", "data_exchange", "api_gateway"]
    play = lab.play(roles, hosts={SERVICES: services})
    assert play.exit_code == 0, play.reasons
    common = {"DATABASE_HOST": SERVICES, "EXCHANGE_URL": f"https://{SERVICES}:8443"}
    own = {
        OFFICE: {
            **authority.issue("application", OFFICE),
            "application_name": "app-oa",
            "application_environment": {
                **common,
                "SYSTEM": "app-oa",
                "TITLE": '协同办公 "100%"',
                "DATABASE_NAME": "oa",
                "DATABASE_ACCOUNT": "oa",
                "DATA_SET": "notices",
            },
            "application_secrets": {"database_password": PASSWORD, "exchange_password": PASSWORD},
        },
        LEADERS: {
            **authority.issue("application", LEADERS),
            "application_name": "app-ioc",
            "application_environment": {
                **common,
                "SYSTEM": "app-ioc",
                "DATABASE_NAME": "ioc",
                "DATABASE_ACCOUNT": "ioc",
                "GATEWAY_URL": f"https://{SERVICES}",
                "READS": SET,
            },
            "application_secrets": {"database_password": PASSWORD, "gateway_key": KEY},
        },
    }
    play = lab.converge("application", {}, hosts=own)
    assert PASSWORD not in play.output
    assert KEY not in play.output
    return tuple(lab.machines[name] for name in (SERVICES, OFFICE, LEADERS))


def asked(host: Any, path: str, *options: str) -> Any:
    """Return what an application tells, asked from its own host over TLS."""
    command = f"curl -sS --cacert /root/ca.pem {' '.join(options)} https://{host.name}{path}"
    return json.loads(host.sh(command))


def posted(host: Any, path: str, told: Any) -> Any:
    data = f"-d '{json.dumps(told, ensure_ascii=False)}'"
    return asked(host, path, "-H 'Content-Type: application/json'", data)


def test_a_record_of_one_department_is_read_in_another(hosts: Any) -> None:
    services, office, leaders = hosts
    assert "answered 404" in asked(leaders, "/others")["reason"]
    assert posted(office, "/records", {"text": "关于防汛的通知"}) == {"id": 1}
    assert [one["text"] for one in asked(office, "/records")] == ["关于防汛的通知"]
    assert posted(office, "/handed-over", {}) == {"handed_over": 1}
    told = asked(leaders, "/others")
    assert [one["text"] for one in told["records"]] == ["关于防汛的通知"]
    # Each has a database of its own.
    assert asked(leaders, "/records") == []
    query = "runuser -u postgres -- psql -XtA oa -c 'SELECT text FROM records'"
    assert services.sh(query) == "关于防汛的通知"
    shown = office.sh(f"curl -sS --cacert /root/ca.pem https://{OFFICE}/")
    assert "<h1>协同办公 &quot;100%&quot;</h1>" in shown


def test_it_can_do_little_else(hosts: Any) -> None:
    _, office, _ = hosts
    process = office.sh("systemctl show --value --property MainPID app-oa")
    assert office.sh(f"stat -c %U /proc/{process}") == "app-oa"
    status = office.sh(f"grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/{process}/status")
    assert status.split()[1::2] == ["0000000000000000", "1", "2"]
    inside = f"nsenter --target {process} --mount --setuid $(id -u app-oa) --"
    for folder in ("/etc", "/opt/govstack/app-oa/current", "/root", "/home"):
        assert office.done(f"{inside} touch {folder}/x").returncode == 1, folder
    assert office.done(f"{inside} touch /var/lib/app-oa/x").returncode == 0
    folder = "/etc/govstack/applications/app-oa/secrets"
    assert office.sh(f"stat -c '%a %U' {folder}/*").splitlines() == ["600 root"] * 2
    assert office.done(f"{inside} cat {folder}/database_password").returncode == 1
    assert PASSWORD not in office.sh(f"tr '\\0' '\\n' </proc/{process}/environ; ps -ef")
    assert PASSWORD not in office.sh("cat /etc/systemd/system/app-oa.service; journalctl")
    listening = office.sh("ss -Hltn sport 8000 | awk '{print $4}'")
    assert listening == "127.0.0.1:8000"


def test_one_that_dies_comes_back(hosts: Any) -> None:
    _, office, _ = hosts
    office.sh("systemctl kill --signal KILL app-oa")
    office.eventually(f"curl -sSf --cacert /root/ca.pem https://{OFFICE}/health")


def test_what_runs_is_what_was_approved(
    lab: Any, hosts: Any, authority: Any, tmp_path: Path
) -> None:
    assert hosts
    archive, text = tmp_path / "own.tar.gz", b"from the archive"
    with tarfile.open(archive, "w:gz") as file:
        entry = tarfile.TarInfo("health")
        entry.size = len(text)
        file.addfile(entry, io.BytesIO(text))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    serve = ["/usr/bin/python3", "-m", "http.server", "--bind", "127.0.0.1", "8000"]
    own = {"application_artifact": str(archive), "application_command": serve}
    known = {"application_name": "app-ioc", **authority.issue("application", LEADERS)}
    wrong = {LEADERS: {**known, **own, "application_digest": "0" * 64}}
    assert "Nothing of it runs" in lab.play("application", hosts=wrong).reasons
    assert asked(lab.machines[LEADERS], "/health")["system"] == "app-ioc"
    again = {**known, **own, "application_digest": digest}
    play = lab.play("application", hosts={LEADERS: again})
    assert play.exit_code == 0, play.reasons
    shown = f"curl -sS --cacert /root/ca.pem https://{LEADERS}/health"
    assert lab.machines[LEADERS].sh(shown) == text.decode()
    # What is no longer declared is no longer there.
    folder = "/etc/govstack/applications/app-ioc/secrets"
    assert lab.machines[LEADERS].sh(f"ls {folder}") == ""


def test_what_is_wrong_is_said(lab: Any, hosts: Any) -> None:
    assert hosts
    reasons = lab.refuses("application", {"application_name": "a b", "application_port": "many"})
    assert "missing required arguments" in reasons
    assert "cannot be converted to" in reasons
