"""People need a key and a code, the automation needs no code, and sessions are recorded."""

import hashlib
import hmac
import struct
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from govstack.inventory.variables.people import seed
from govstack.values.secret import Secret

pytestmark = pytest.mark.e2e

SEED = seed(Secret("made-by-govstack_as-a-password-is")).reveal()
ASKING = """\
#!/bin/sh
case "$1" in *ass*) cat {} ;; esac
"""


def code(ahead: int = 0) -> str:
    """The code of RFC 6238 for now, or for some periods ahead."""
    moment = struct.pack(">Q", int(time.time()) // 30 + ahead)
    digest = hmac.new(bytes.fromhex(SEED), moment, hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("wang", "li", "authority", "robot"):
        command = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
        subprocess.run(command, check=True)
    command = ["ssh-keygen", "-q", "-s", "authority", "-I", "robot", "-n", "debian", "-V", "+1h"]
    subprocess.run([*command, "robot.pub"], cwd=folder, check=True)
    return {name: folder / name for name in ("wang", "li", "authority", "robot")}


def text(key: Path) -> str:
    return key.with_suffix(".pub").read_text(encoding="utf-8").strip()


@pytest.fixture(scope="module")
def host(lab: Any, keys: dict[str, Path]) -> Any:
    made = lab.start("bas-001")
    people = [
        {"name": name, "full_name": name, "duty": "system", "keys": [text(keys[name])]}
        for name in ("wang", "li")
    ]
    variables = {
        "base_administrators": people,
        "base_separated": False,
        "bastion_seeds": [{"name": "wang", "seed": SEED}],
        "bastion_automation_authority": text(keys["authority"]),
    }
    play = lab.converge(["base", "bastion"], variables)
    assert SEED not in play.output
    made.sh("systemctl enable --now rsyslog")
    return made


@pytest.fixture
def enter(host: Any, keys: dict[str, Path], tmp_path: Path) -> Any:
    """Log in as a person, who answers what is asked with this code."""

    def login(name: str, answer: str, command: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "code").write_text(answer, encoding="ascii")
        asking = tmp_path / "asking"
        asking.write_text(ASKING.format(tmp_path / "code"), encoding="ascii")
        asking.chmod(0o700)
        options = ("-o", "BatchMode=no", "-o", "NumberOfPasswordPrompts=1", "-i", str(keys[name]))
        force = {"SSH_ASKPASS": str(asking), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"}
        words = [f"{key}={value}" for key, value in force.items()]
        known = f"UserKnownHostsFile={host._lab.known_hosts}"
        return host._lab.inside(  # type: ignore[no-any-return]
            "env", *words, "ssh", "-o", known, *options, f"{name}@{host.address}", command
        )

    return login


def test_a_key_alone_does_not_do(host: Any, enter: Any, keys: dict[str, Path]) -> None:
    assert host.ssh("wang", "true", "-i", str(keys["wang"])).returncode == 255
    assert enter("wang", "000000", "true").returncode == 255
    assert enter("li", code(), "true").returncode == 255, "who has no seed has no code"


def test_a_key_and_a_code_do_and_the_session_is_recorded(host: Any, enter: Any) -> None:
    used = code()
    entered = enter("wang", used, "echo seen-by-wang")
    assert entered.returncode == 0, entered.stderr
    assert "seen-by-wang" in entered.stdout
    assert "Authorised people only" in entered.stderr
    host.eventually('grep \'"user":"wang".*seen-by-wang\' /var/log/auth.log')
    again = enter("wang", used, "true")
    assert again.returncode == 255, "a code does once"


def test_another_run_lets_no_code_be_used_again(lab: Any, host: Any, keys: dict[str, Path]) -> None:
    variables = {
        "bastion_seeds": [{"name": "wang", "seed": SEED}],
        "bastion_automation_authority": text(keys["authority"]),
        "bastion_notice": "changed",
    }
    before = host.sh("cat /etc/govstack/bastion/codes")
    assert before.split()[4:], "the code that was used is kept"
    lab.play("bastion", variables)
    assert host.sh("cat /etc/govstack/bastion/codes") == before


def test_the_automation_comes_with_a_certificate(host: Any, keys: dict[str, Path]) -> None:
    host.sh("mv ~debian/.ssh/authorized_keys ~debian/.ssh/aside")
    try:
        assert host.ssh("debian", "true", "-i", str(keys["li"])).returncode == 255
        entered = host.ssh("debian", "echo in", "-i", str(keys["robot"]))
        assert (entered.returncode, entered.stdout) == (0, "in\n"), entered.stderr
    finally:
        host.sh("mv ~debian/.ssh/aside ~debian/.ssh/authorized_keys")


def test_nobody_goes_past_the_recorder(host: Any) -> None:
    told = host.sh("sshd -T -C user=wang,host=x,addr=10.99.0.1").splitlines()
    expected = {"allowtcpforwarding no", "forcecommand /usr/local/bin/govstack-session"}
    assert expected <= set(told)


def test_what_is_wrong_is_said(lab: Any, host: Any) -> None:
    assert host
    short = {"bastion_seeds": [{"name": "wang", "seed": "3132"}]}
    assert "of 40 hexadecimal digits or more" in lab.refuses("bastion", short)
    robot = {"bastion_seeds": [{"name": "debian", "seed": SEED}]}
    assert "has no second factor" in lab.refuses("bastion", robot)
    assert "unable to convert to bool" in lab.refuses("bastion", {"bastion_recorded": "often"})
