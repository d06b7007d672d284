"""The database answers over TLS to those who are declared, and its copy can take over."""

import shlex
from typing import Any

import pytest

from govstack.inventory.variables.backup import dumping

pytestmark = pytest.mark.e2e

PRIMARY, REPLICA = "rdb-001.yunzhou.example", "rdb-002.yunzhou.example"
PASSWORD = "correct-horse-battery"
AUTHORITY = "/etc/govstack/database/authority.pem"
BOTH = ("rdb-001", "rdb-002")


def asked(
    host: str, statement: str, *, user: str = "oa", password: str = PASSWORD, base: str = "oa"
) -> str:
    """Return the command that asks a database over TLS."""
    where = f"host={host} user={user} dbname={base} sslmode=verify-full sslrootcert={AUTHORITY}"
    return f"PGPASSWORD={password} psql -XtA -c {shlex.quote(statement)} '{where}'"


@pytest.fixture(scope="module")
def declared(lab: Any, authority: Any) -> dict[str, Any]:
    """Return what both hosts are to be, by name; the hosts are started and know each other."""
    for name in (*BOTH, "app-001"):
        lab.start(name)
    addresses = {name: lab.machines[name].address for name in BOTH}
    for machine in lab.machines.values():
        lines = f"{addresses[BOTH[0]]} {PRIMARY}\\n{addresses[BOTH[1]]} {REPLICA}\\n"
        machine.sh(f"mkdir -p /etc/govstack/database; printf '{lines}' >>/etc/hosts")
    client = lab.machines["app-001"]
    client.sh(f"printf '%s' '{authority.certificate}' >{AUTHORITY}")
    common = {
        "database_accounts": [
            {"name": "oa", "password": PASSWORD, "addresses": [client.address]},
            {"name": "mkt", "password": PASSWORD, "addresses": ["10.98.0.0/24"]},
        ],
        "database_databases": [{"name": "oa", "owner": "oa"}, {"name": "mkt", "owner": "mkt"}],
        "database_replicas": list(addresses.values()),
        "database_replication_password": "copies-are-made-of-this",
        "database_memory_mb": 64,
    }
    first = {**common, **authority.issue("database", PRIMARY)}
    second = {**common, **authority.issue("database", REPLICA)}
    return {"rdb-001": first, "rdb-002": second}


@pytest.fixture(scope="module")
def hosts(lab: Any, declared: dict[str, Any]) -> tuple[Any, Any, Any]:
    play = lab.converge("database", {}, hosts={"rdb-001": declared["rdb-001"]})
    assert PASSWORD not in play.output
    second = {**declared["rdb-002"], "database_primary": PRIMARY}
    lab.converge("database", {}, hosts={"rdb-002": second})
    return tuple(lab.machines[name] for name in (*BOTH, "app-001"))


def test_what_is_written_to_the_primary_is_read_from_the_copy(hosts: Any) -> None:
    _, _, client = hosts
    client.sh(asked(PRIMARY, "CREATE TABLE records (text text)"))
    written = asked(PRIMARY, "INSERT INTO records VALUES ('公文') RETURNING text")
    assert client.sh(written).splitlines()[0] == "公文"
    client.eventually(f"{asked(REPLICA, 'SELECT text FROM records')} | grep -q 公文")
    assert "read-only transaction" in client.sh(asked(REPLICA, "DELETE FROM records"))


def test_what_is_dumped_for_a_backup_comes_back(hosts: Any) -> None:
    primary, replica, client = hosts
    for host in (primary, replica):
        dumped = host.done("umask 077; set -e; " + "; ".join(dumping("/srv/dump")))
        assert dumped.returncode == 0, dumped.stderr
        assert "公文" in host.sh("cat /srv/dump/databases.sql")
        assert host.sh("stat -c %a /srv/dump") == "700"
    client.sh(asked(PRIMARY, "DROP TABLE records"))
    # Who is connected keeps a database from being replaced; nobody is.
    back = "runuser -u postgres -- psql -Xqd postgres </srv/dump/databases.sql"
    primary.sh(back)
    assert client.sh(asked(PRIMARY, "SELECT text FROM records")) == "公文"


def test_others_are_not_let_in(hosts: Any) -> None:
    primary, _, client = hosts
    assert "password authentication failed" in client.sh(
        asked(PRIMARY, "SELECT 1", password="wrong")
    )
    other = "no pg_hba.conf entry"
    assert other in client.sh(asked(PRIMARY, "SELECT 1", base="mkt"))
    assert other in client.sh(asked(PRIMARY, "SELECT 1", user="mkt", base="mkt"))
    assert other in client.sh(f"psql 'host={PRIMARY} user=oa dbname=oa sslmode=disable'")
    spoken = f"echo | openssl s_client -starttls postgres -connect {PRIMARY}:5432 -tls1_1 2>&1"
    assert "Cipher is (NONE)" in client.sh(spoken)
    kept = primary.sh("runuser -u postgres -- psql -XtAc 'SELECT rolpassword FROM pg_authid'")
    assert PASSWORD not in kept
    assert kept.count("SCRAM-SHA-256$4096:") == 3
    assert primary.sh("stat -c '%a %U %G' /etc/govstack/database/key.pem") == "640 root postgres"


def test_it_is_written_who_did_what(hosts: Any) -> None:
    primary, _, client = hosts
    client.sh(asked(PRIMARY, "CREATE TABLE seen (one int)"))
    log = primary.sh("journalctl --unit govstack-database --output cat")
    assert "AUDIT: SESSION,1,1,DDL,CREATE TABLE,TABLE,public.seen" in log
    assert f"oa@oa {client.address}" in log
    assert "connection authorized: user=oa database=oa" in log
    assert "SSL enabled" in log
    assert PASSWORD not in log


def test_data_are_not_written_over_unasked(lab: Any, hosts: Any, declared: dict[str, Any]) -> None:
    assert hosts
    for name, primary, reason in (
        ("rdb-002", "", "tasks_from: promote"),
        ("rdb-001", REPLICA, "tasks_from: rejoin"),
    ):
        wrong = {**declared[name], "database_primary": primary}
        play = lab.play("database", hosts={name: wrong})
        assert (play.exit_code, play.changed) == (2, [])
        assert reason in play.reasons


def test_the_copy_takes_over_with_all_data(lab: Any, hosts: Any, declared: dict[str, Any]) -> None:
    primary, _, client = hosts
    second = {"rdb-002": {**declared["rdb-002"], "database_primary": PRIMARY}}
    refused = lab.play("database/promote", hosts=second)
    assert "still answers" in refused.reasons
    client.sh(asked(PRIMARY, "INSERT INTO records VALUES ('last')"))
    client.eventually(f"{asked(REPLICA, 'SELECT text FROM records')} | grep -q last")
    primary.sh("systemctl stop govstack-database")
    assert lab.play("database/promote", hosts=second).exit_code == 0
    assert client.sh(asked(REPLICA, "SELECT text FROM records")) == "公文\nlast"
    play = lab.play("database", hosts={"rdb-002": declared["rdb-002"]})
    assert play.exit_code == 0, play.reasons
    client.sh(asked(REPLICA, "INSERT INTO records VALUES ('after')"))
    # The old primary becomes the copy.
    former = {"rdb-001": {**declared["rdb-001"], "database_primary": REPLICA}}
    play = lab.play("database/rejoin", hosts=former)
    assert play.exit_code == 0, play.reasons
    play = lab.play("database", hosts=former)
    assert play.exit_code == 0, play.reasons
    client.eventually(f"{asked(PRIMARY, 'SELECT text FROM records')} | grep -q after")
    assert primary.sh("ls /var/lib/pgsql") == "data\ndata.former"


def test_declarations_change(lab: Any, hosts: Any, declared: dict[str, Any]) -> None:
    _, _, client = hosts
    former = declared["rdb-002"]
    accounts = [{**former["database_accounts"][0], "password": "another-good-password"}]
    changed = {**former, "database_accounts": accounts, "database_connections": 60}
    changed["database_databases"] = former["database_databases"][:1]
    told = lab.play("database", {}, "--check", hosts={"rdb-002": changed})
    assert "rdb-002: govstack.base.database : Make accounts and databases" in told.changed
    assert client.sh(asked(REPLICA, "SELECT 1")) == "1"
    play = lab.play("database", hosts={"rdb-002": changed})
    assert play.exit_code == 0, play.reasons
    assert "password authentication failed" in client.sh(asked(REPLICA, "SELECT 1"))
    assert client.sh(asked(REPLICA, "SHOW max_connections", password="another-good-password")) == (
        "60"
    )
    names = lab.machines["rdb-002"].sh(
        "runuser -u postgres -- psql -XtAc"
        " \"SELECT datname FROM pg_database WHERE datname = 'mkt'\""
        " -c \"SELECT rolcanlogin FROM pg_roles WHERE rolname = 'mkt'\""
    )
    assert names == "mkt\nf"


def test_what_is_wrong_is_said(lab: Any, hosts: Any, declared: dict[str, Any]) -> None:
    assert hosts
    good = {**declared["rdb-002"], "database_primary": ""}
    short = [{"name": "oa", "password": "short", "addresses": []}]
    reasons = lab.refuses("database", {**good, "database_accounts": short})
    assert "A database belongs to somebody who is not in database_accounts: mkt" in reasons
    wrong = {name: value for name, value in good.items() if name != "database_key"}
    reasons = lab.refuses("database", {**wrong, "database_port": "many"})
    assert "cannot be converted to" in reasons
    assert "missing required arguments: database_key" in reasons
    other = {**good, "database_product": "dm8"}
    assert "name the packages of dm8" in lab.refuses("database", other)
