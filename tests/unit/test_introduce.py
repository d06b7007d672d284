"""Hosts are introduced once, with the keys that the cloud has told, and believed by certificate."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from govstack import sandbox
from govstack.errors import StateUnreadable, TrustFailed
from govstack.operations import introduce, trusting
from govstack.operations import ssh as module
from govstack.operations.session import Session, open_session
from govstack.operations.ssh import prepare, write_configuration
from govstack.operations.target import Target
from govstack.operations.trusting import make_trust, trusted_line
from govstack.state.introductions import FILE, read_introductions
from govstack.trust import ssh
from govstack.verify import remote

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASTION = "yz-mgt-dsjj-bas-bastion-001"
DATABASE = "yz-dat-dsjj-rdb-db-001"
OUTSIDE = "203.0.113.7"
SSH = """\
#!/bin/sh
# Notes who was asked, keeps the certificate, and fails for whom it is told to.
for host; do case $host in yz-*) break ;; esac; done
echo "$host $2" >>"$LOG/asked"
grep -q "^$host " "$LOG/refusing" 2>/dev/null && { echo "refused by $host" >&2; exit 255; }
cat >"$LOG/$host-cert.pub"
"""


class City:
    """A city whose hosts are a program that notes what ssh would have done."""

    def __init__(self, session: Session, log: Path) -> None:
        self.session = session
        self.log = log
        self.keys = {
            node.name: f"{ssh.public_line(ssh.new_key())} {node.name}"
            for system in session.plan.systems
            for node in system.nodes
        }

    def asked(self) -> list[str]:
        path = self.log / "asked"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [line.split()[0] for line in lines]

    def certificate(self, host: str) -> str:
        done = subprocess.run(
            ["ssh-keygen", "-L", "-f", str(self.log / f"{host}-cert.pub")],
            env={"TZ": "UTC"},
            capture_output=True,
            text=True,
            check=True,
        )
        return " ".join(done.stdout.split())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Set the time, counted from one moment."""

    def put(elapsed: timedelta) -> None:
        monkeypatch.setattr(module, "moment", lambda: NOW + elapsed)

    monkeypatch.setattr(trusting, "moment", lambda: NOW)
    put(timedelta())
    return put


@pytest.fixture
def city(
    yunzhou: Path,
    tmp_path: Path,
    clock: Callable[[timedelta], None],
    monkeypatch: pytest.MonkeyPatch,
) -> City:
    assert clock
    target = Target(
        root=yunzhou, environment="sandbox", state_home=tmp_path / "s", cache_home=tmp_path / "c"
    )
    session = open_session(target)
    make_trust(session)
    made = City(session, tmp_path)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "ssh").write_text(SSH)
    (programs / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("LOG", str(tmp_path))
    monkeypatch.setattr(sandbox, "host_keys", lambda _: made.keys)
    monkeypatch.setattr(module, "_outside", lambda _: {BASTION: OUTSIDE})
    return made


def test_hosts_on_the_way_are_met_first_and_once(city: City) -> None:
    configuration, unknown = prepare(city.session, (BASTION, DATABASE))
    assert unknown == {}
    assert city.asked() == [BASTION, DATABASE]
    assert prepare(city.session, (BASTION, DATABASE))[1] == {}
    assert city.asked() == []
    others = set(city.keys) - {BASTION, DATABASE}
    assert write_configuration(city.session) == configuration
    assert set(city.asked()) == others
    said = city.certificate(BASTION)
    assert f"Principals: {BASTION} 10.50.0.10 {OUTSIDE} Critical" in said
    assert "from 2026-03-01T11:55:00 to 2026-05-30T12:00:00" in said


def test_afterwards_only_the_authority_is_believed(city: City) -> None:
    prepare(city.session, (BASTION,))
    folder = city.session.places.login
    line = trusted_line(city.session)
    assert (folder / "known_hosts").read_text() == f"@cert-authority * {line}\n"
    assert "known_hosts.first" not in (folder / "config").read_text()
    told = (folder / "known_hosts.first").read_text().splitlines()
    assert len(told) == 6
    assert f"{city.keys[BASTION].rpartition(' ')[0]}" in told[3]
    first = (folder / "config.first").read_text()
    assert first == (folder / "config").read_text().replace('/known_hosts"', '/known_hosts.first"')


def test_the_login_comes_from_the_operator_or_the_bastion(city: City) -> None:
    prepare(city.session, ())
    done = subprocess.run(
        ["ssh-keygen", "-L", "-f", str(city.session.places.login / "id_ed25519-cert.pub")],
        env={"TZ": "UTC"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert f"source-address {sandbox.OPERATOR},10.50.0.10" in done
    assert "Valid: from 2026-03-01T11:55:00 to 2026-03-01T13:00:00" in done
    assert 'Key ID: "yunzhou/sandbox by ' in done


@pytest.mark.parametrize("change", ["key", "address", "time", "authority", "ledger"])
def test_one_that_is_another_is_met_again(
    change: str,
    city: City,
    clock: Callable[[timedelta], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepare(city.session, (BASTION,))
    city.asked()
    places = city.session.places
    if change == "key":
        city.keys[BASTION] = ssh.public_line(ssh.new_key())
    elif change == "address":
        monkeypatch.setattr(module, "_outside", lambda _: {BASTION: "203.0.113.8"})
    elif change == "time":
        clock(timedelta(days=59))
        prepare(city.session, (BASTION,))
        assert city.asked() == []
        clock(timedelta(days=61))
    elif change == "authority":
        for path in (*places.trust.iterdir(), *places.vault.iterdir()):
            path.unlink()
        make_trust(city.session)
    else:
        (places.login / FILE).write_text("{")
    prepare(city.session, (BASTION,))
    assert city.asked() == [BASTION]
    assert list(read_introductions(places)) == [BASTION]


def test_one_that_does_not_answer_is_told_and_tried_again(city: City) -> None:
    (city.log / "refusing").write_text(f"{DATABASE} \n")
    gone = "yz-mgt-dsjj-log-collector-001"
    del city.keys[gone]
    assert prepare(city.session, (BASTION, DATABASE, gone))[1] == {
        DATABASE: f"refused by {DATABASE}",
        gone: "the cloud has no such server yet",
    }
    assert city.asked() == [BASTION, DATABASE]
    with pytest.raises(TrustFailed, match=f"{DATABASE} could not be given .*: refused by"):
        module.ssh(city.session.target, DATABASE, ())
    (city.log / "refusing").unlink()
    assert prepare(city.session, (BASTION, DATABASE))[1] == {}


def test_one_that_hangs_is_not_waited_for(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "SECONDS", 0.0)
    assert prepare(city.session, (BASTION,))[1] == {BASTION: "it did not answer within 0 s"}


def test_without_the_keys_of_the_authority_nobody_is_introduced(city: City) -> None:
    for path in city.session.places.vault.iterdir():
        path.unlink()
    with pytest.raises(StateUnreadable, match="keys of the site's authorities are missing"):
        prepare(city.session, (BASTION,))
    assert city.asked() == []


@pytest.mark.parametrize("includes", ["Include {}/sshd_config.d/*.conf\n", ""])
def test_a_host_installs_its_certificate(includes: str, tmp_path: Path) -> None:
    etc, programs = tmp_path / "etc", tmp_path / "bin"
    (etc / "sshd_config.d").mkdir(parents=True)
    programs.mkdir()
    before = f"{includes.format(etc)}UsePAM yes\n"
    (etc / "sshd_config").write_text(before)
    for name, text in (
        ("sshd", f"echo sshd $* >>{etc}/ran"),
        ("systemctl", f"echo $* >>{etc}/ran"),
    ):
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    script = introduce.INSTALL.replace("/etc/ssh", str(etc))
    for certificate in ("one\n", "two\n"):
        subprocess.run(
            ["sh", "-c", script],
            input=certificate,
            text=True,
            env={"PATH": f"{programs}:/usr/bin:/bin"},
            check=True,
        )
    assert (etc / "govstack_host-cert.pub").read_text() == "two\n"
    setting = f"HostCertificate {etc}/govstack_host-cert.pub\n"
    dropped = etc / "sshd_config.d/06-govstack-host.conf"
    whole = (etc / "sshd_config").read_text(), dropped.read_text() if includes else ""
    assert whole == ((before, setting) if includes else (setting + before, ""))
    once = ["sshd -t", "--quiet is-active ssh", "restart ssh"]
    assert (etc / "ran").read_text().splitlines() == once * 2
