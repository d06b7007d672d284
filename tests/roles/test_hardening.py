"""What the Multi-Level Protection Scheme asks of a host, and that nobody is locked out by it."""

from typing import Any

import pytest

pytestmark = pytest.mark.e2e

EXCLUDED = [
    {"check": "H-21", "reason": "hosts that share a kernel have no audit of their own"},
    {"check": "H-46", "reason": "tried here"},
]


@pytest.fixture(scope="module")
def host(lab: Any) -> Any:
    made = lab.start("oa-app-001")
    made.sh("useradd --system --shell /bin/bash forgotten; mkdir -m 0777 /srv/open")
    variables = {"hardening_exclusions": EXCLUDED, "hardening_ssh_groups": ["people"]}
    lab.converge("hardening", variables)
    return made


def test_passwords_are_judged(host: Any) -> None:
    host.sh("useradd -m wang; groupadd people; usermod -aG people wang")

    def accepts(password: str) -> bool:
        done = host.done(f"echo 'wang:{password}' | chpasswd")
        return bool(done.returncode == 0)

    assert [one for one in ("Short1-x", "onlysmallletters", "Long-enough-1") if accepts(one)] == [
        "Long-enough-1"
    ]
    assert accepts("Another-one-2")
    assert not accepts("Long-enough-1")
    assert host.sh("chage -l wang | grep Maximum").endswith(": 90")
    assert host.sh("getent shadow wang").split(":")[1].startswith(("$6$", "$y$"))


def test_failed_logins_lock_an_account(host: Any) -> None:
    host.sh("usermod --shell /bin/bash wang")
    for _ in range(5):
        host.sh("echo wrong | su -c true wang", user="nobody")
    assert host.sh("faillock --user wang | grep -c ' V$'") == "5"
    host.sh("faillock --user wang --reset")


def test_root_and_idle_shells_are_kept_out(lab: Any, host: Any) -> None:
    key = host.sh("cat ~debian/.ssh/authorized_keys")
    host.sh(f"mkdir -p /root/.ssh && echo '{key}' >/root/.ssh/authorized_keys")
    assert host.ssh("root", "true", "-i", str(lab.key)).returncode == 255
    assert host.ssh("debian", "true", "-i", str(lab.key)).returncode == 0
    assert host.sh("sh -lc 'echo $TMOUT; umask'") == "600\n0027"
    assert host.done("sh -lc 'TMOUT=0'").returncode == 2
    effective = host.sh("sshd -T").splitlines()
    assert {"maxauthtries 4", "logingracetime 60", "permitemptypasswords no"} <= set(effective)
    ciphers = next(line for line in effective if line.startswith("ciphers"))
    assert "cbc" not in ciphers


def test_the_system_is_tight(host: Any) -> None:
    assert host.sh("getent passwd forgotten").endswith("/usr/sbin/nologin")
    modes = host.sh("stat -c %a /srv/open /etc/cron.d /etc/sudoers")
    assert modes.split() == ["1777", "700", "440"]
    settings = host.sh("sysctl -n net.ipv4.conf.all.rp_filter kernel.kptr_restrict")
    assert settings.split() == ["1", "2"]
    assert host.sh("ls /var/log/journal | wc -l") == "1"
    assert "-e 2" in host.sh("cat /etc/audit/rules.d/90-govstack.rules")


def test_auditors_read_what_was_left_out(host: Any) -> None:
    told = host.sh("cat /etc/govstack/hardening.yaml")
    assert '  H-21: "hosts that share a kernel have no audit of their own"' in told
    assert "  H-03: {clause: 8.1.4.1 a, id: L3-CES1-01," in told
    assert "HISTSIZE" not in host.sh("cat /etc/profile.d/govstack.sh")


def test_level_two_asks_for_less(lab: Any, host: Any) -> None:
    play = lab.play(
        "hardening", {"hardening_level": 2, "hardening_exclusions": EXCLUDED}, "--check", "--diff"
    )
    assert play.exit_code == 0
    assert "-minlen = 12\n+minlen = 8" in play.output
    assert host.sh("grep minlen /etc/security/pwquality.conf") == "minlen = 12"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"hardening_level": 4}, "value of hardening_level must be one of: 2, 3, got: 4"),
        ({"hardening_exclusions": [{"check": "H-08"}]}, "missing required arguments: reason"),
        ({"hardening_exclusions": [{"check": "H-99", "reason": "so"}]}, "not H-99"),
        ({"hardening_limits": {"length": 1}}, "hardening_limits has length, which is none of"),
        ({"hardening_automation": "nobody-here"}, "not on this host. It would be locked out."),
    ],
)
def test_what_is_wrong_is_said(lab: Any, host: Any, wrong: dict[str, Any], reason: str) -> None:
    assert host
    assert reason in lab.refuses("hardening", wrong)
