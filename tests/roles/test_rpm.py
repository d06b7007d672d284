"""A host of the RPM family: packages by dnf, and files where openEuler has them.

The programs are Debian's, repacked: what is shown is that roles ask for the right names, put
files where that family reads them, and do the same there as elsewhere.
"""

import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

SERVER, CLIENT = "log-001.yunzhou.example", "rpm-001.yunzhou.example"
PEOPLE = {"wang": "system", "li": "security", "zhao": "audit"}
EXCLUDED = [{"check": "H-21", "reason": "hosts that share a kernel have no audit of their own"}]
FROM_REPOSITORY = "audit chrony cronie curl logrotate rsyslog rsyslog-gnutls"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    for name in PEOPLE:
        command = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
        subprocess.run(command, check=True)
    return {name: folder / name for name in PEOPLE}


@pytest.fixture(scope="module")
def variables(keys: dict[str, Path], authority: Any) -> dict[str, Any]:
    return {
        "ansible_user": "openeuler",
        "base_automation": "openeuler",
        "base_domain": "yunzhou.example",
        "base_hosts": [{"address": "10.99.0.11", "names": [SERVER]}],
        "base_certificates": [{"name": "yunzhou", "pem": authority.certificate}],
        "base_administrators": [
            {
                "name": name,
                "full_name": name,
                "duty": duty,
                "keys": [keys[name].with_suffix(".pub").read_text(encoding="utf-8").strip()],
            }
            for name, duty in PEOPLE.items()
        ],
        "hardening_automation": "openeuler",
        "hardening_exclusions": EXCLUDED,
        "hardening_ssh_groups": ["gov-people"],
        "time_servers": ["10.99.0.11"],
        **authority.issue("log_client", CLIENT),
        "log_client_servers": [SERVER],
    }


@pytest.fixture(scope="module")
def server(lab: Any, authority: Any) -> Any:
    """A host of Debian that takes logs and tells the time."""
    made = lab.start("log-001")
    play = lab.play(
        ["log_server", "time", "time_server"],
        {
            **authority.issue("log_server", SERVER),
            "log_server_clients": ["*.yunzhou.example"],
            "time_server_networks": ["10.99.0.0/24"],
            "time_server_own_stratum": 9,
        },
    )
    assert play.exit_code == 0, play.reasons
    return made


@pytest.fixture(scope="module")
def host(lab: Any, server: Any, rpm_base: Path, variables: dict[str, Any]) -> Any:
    assert server
    made = lab.start("rpm-001", base=rpm_base)
    assert made.sh(f"rpm -q {FROM_REPOSITORY}").count("is not installed") == 7
    roles = ["base", "time", "log_client", "hardening"]
    lab.converge(roles, variables, hosts={made.name: {}})
    return made


def test_packages_come_from_the_repository_by_dnf(host: Any) -> None:
    installed = host.sh(f"rpm -q --qf '%{{NAME}}\\n' {FROM_REPOSITORY}")
    assert installed.split() == FROM_REPOSITORY.split()
    origins = host.sh(f"dnf -q -C list --installed {FROM_REPOSITORY} | grep -c @OS")
    assert origins == "7"
    assert host.sh("command -v apt-get dpkg pam-auth-update") == ""
    assert host.sh("systemctl is-enabled chronyd rsyslog crond sshd").split() == ["enabled"] * 4
    assert host.sh("systemctl is-active chronyd rsyslog sshd").split() == ["active"] * 3


def test_administrators_come_in_and_may_do_their_duty_only(
    host: Any, keys: dict[str, Path]
) -> None:
    allowed = {"faillock --user wang": "li", "journalctl --no-pager -n 1": "zhao"}
    for command, duty in allowed.items():
        done = {
            name: host.ssh(name, f"sudo -n {command}", "-i", str(keys[name])).stderr
            for name in PEOPLE
        }
        refused = [name for name, told in done.items() if "password is required" in told]
        assert refused == [name for name in PEOPLE if name != duty]


def test_the_authority_is_trusted_by_what_reads_the_bundle(host: Any) -> None:
    assert host.sh("ls /etc/pki/ca-trust/source/anchors") == "govstack-yunzhou.crt"
    read = "openssl crl2pkcs7 -nocrl -certfile /etc/pki/tls/certs/ca-bundle.crt"
    assert "CN = lab" in host.sh(f"{read} | openssl pkcs7 -print_certs -noout")


def test_passwords_and_logins_are_judged(host: Any) -> None:
    host.sh("useradd -m sun")

    def accepts(password: str) -> bool:
        return bool(host.done(f"echo 'sun:{password}' | chpasswd").returncode == 0)

    tried = ("Short1-x", "onlysmallletters", "Long-enough-1", "Another-one-2", "Long-enough-1")
    assert [accepts(one) for one in tried] == [False, False, True, True, False]
    for _ in range(5):
        host.sh("echo wrong | su -c true sun", user="nobody")
    assert host.sh("faillock --user sun | grep -c ' V$'") == "5"


def test_the_files_that_judge_keep_their_order(host: Any) -> None:
    lines = [line.split() for line in host.sh("cat /etc/pam.d/password-auth").splitlines()]
    judged = [" ".join(line) for line in lines if line and line[0] in {"auth", "password"}]
    assert judged == [
        "auth required pam_env.so",
        "auth required pam_faillock.so preauth",
        "auth sufficient pam_unix.so try_first_pass",
        "auth [default=die] pam_faillock.so authfail",
        "auth requisite pam_succeed_if.so uid >= 1000 quiet_success",
        "auth required pam_deny.so",
        "password requisite pam_pwquality.so try_first_pass local_users_only",
        "password required pam_pwhistory.so use_authtok remember=5 enforce_for_root",
        "password sufficient pam_unix.so sha512 shadow try_first_pass use_authtok",
        "password required pam_deny.so",
    ]


def test_ssh_is_strict_though_its_file_did_not_read_the_folder(lab: Any, host: Any) -> None:
    assert host.sh("head -1 /etc/ssh/sshd_config") == "Include /etc/ssh/sshd_config.d/*.conf"
    effective = set(host.sh("sshd -T").splitlines())
    assert {"permitrootlogin no", "passwordauthentication no", "maxauthtries 4"} <= effective
    assert host.ssh("openeuler", "sudo -n id -u", "-i", str(lab.key)).stdout == "0\n"


def test_the_clock_is_kept(host: Any, server: Any) -> None:
    host.eventually(f"chronyc -n -c sources | grep -q '^^,[*],{server.address},9,'", 30)
    assert "server 10.99.0.11 iburst" in host.sh("cat /etc/chrony.conf").splitlines()


def test_a_line_arrives_at_the_log_server(host: Any, server: Any) -> None:
    host.sh("logger --tag office 公文已发送")
    server.eventually(f"grep -r 公文已发送 /var/log/hosts/{host.address}")


def test_a_relative_that_is_not_known_is_refused(
    lab: Any, host: Any, variables: dict[str, Any]
) -> None:
    host.sh("cp /usr/lib/os-release /root/; sed -i s/^ID=.*/ID=centos/ /usr/lib/os-release")
    try:
        play = lab.play("base", variables, hosts={host.name: {}})
        assert "(ID=centos) is none of the systems" in play.reasons
        assert play.changed == []
    finally:
        host.sh("cp /root/os-release /usr/lib/os-release")
