"""Names, people and trust of a host."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

PEOPLE = {
    "wang": ("王 建国", "system"),
    "li": ("李 敏", "security"),
    "zhao": ("赵 磊", "audit"),
    "sun": ("孙 平", "none"),
}


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
        "base_domain": "yunzhou.example",
        "base_hosts": [{"address": "10.99.0.50", "names": ["repository"]}],
        "base_certificates": [{"name": "yunzhou", "pem": authority.certificate}],
        "base_administrators": [
            {
                "name": name,
                "full_name": full_name,
                "duty": duty,
                "keys": [keys[name].with_suffix(".pub").read_text(encoding="utf-8").strip()],
            }
            for name, (full_name, duty) in PEOPLE.items()
        ],
    }


@pytest.fixture(scope="module")
def host(lab: Any, variables: dict[str, Any]) -> Any:
    made = lab.start("yz-pub-oa-app-001")
    made.sh("sed -i 's/^PASS_MAX_DAYS.*/PASS_MAX_DAYS 90/' /etc/login.defs")
    lab.converge("base", variables)
    return made


def test_the_host_knows_who_and_where_it_is(host: Any) -> None:
    assert host.sh("hostname") == "yz-pub-oa-app-001"
    assert host.sh("hostname -f") == "yz-pub-oa-app-001.yunzhou.example"
    assert host.sh("getent hosts repository") == "10.99.0.50      repository"
    assert host.sh("date +%z") == "+0800"


def test_it_trusts_the_authority(host: Any) -> None:
    assert "CN = lab" in host.sh(
        "openssl crl2pkcs7 -nocrl -certfile /etc/ssl/certs/ca-certificates.crt"
        " | openssl pkcs7 -print_certs -noout"
    )


def test_each_administrator_comes_in_and_may_do_their_duty_only(
    host: Any, keys: dict[str, Path]
) -> None:
    def may(name: str, command: str) -> bool:
        done = host.ssh(name, f"sudo -n {command}", "-i", str(keys[name]))
        return bool(done.returncode == 0)

    allowed = {
        "systemctl restart cron": "wang",
        "nft list ruleset": "li",
        "journalctl --no-pager -n 1": "zhao",
    }
    for command, duty in allowed.items():
        assert [name for name in PEOPLE if may(name, command)] == [duty]
    assert [name for name in PEOPLE if may(name, "cat /etc/shadow")] == []
    assert host.ssh("sun", "id -Gn", "-i", str(keys["sun"])).stdout == "sun gov-people\n"
    assert host.sh("getent shadow wang | cut -d : -f 5") == "99999", "who has no password"


def test_nobody_gives_themselves_another_key(host: Any, keys: dict[str, Path]) -> None:
    own = keys["zhao"].with_suffix(".pub")
    planted = own.read_text(encoding="utf-8").strip()
    script = f"mkdir -p ~wang/.ssh && echo '{planted}' >~wang/.ssh/authorized_keys"
    assert host.sh(script + " && chown -R wang ~wang/.ssh") == ""
    assert host.ssh("wang", "true", "-i", str(keys["wang"])).returncode == 0
    refused = host.ssh("wang", "true", "-i", str(keys["zhao"]))
    assert (refused.returncode, "Permission denied" in refused.stderr) == (255, True)


def test_who_has_left_cannot_come_back(
    lab: Any, host: Any, variables: dict[str, Any], keys: dict[str, Path]
) -> None:
    stay = [one for one in variables["base_administrators"] if one["name"] != "wang"]
    smaller = variables | {"base_administrators": stay, "base_separated": False}
    assert lab.play("base", smaller).changed == [
        f"{host.name}: govstack.base.base : Retire who no longer is",
        f"{host.name}: govstack.base.base : Take the keys away",
    ]
    assert lab.play("base", smaller).changed == []
    assert host.ssh("wang", "true", "-i", str(keys["wang"])).returncode == 255
    assert host.sh("id -Gn wang") == "wang"


def one(name: str, duty: str) -> dict[str, Any]:
    """Somebody who may log in."""
    return {"base_administrators": [{"name": name, "full_name": "王", "duty": duty, "keys": []}]}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"base_certificates": "pem"}, "Elements value for option"),
        (one("wang", "boss"), "value of duty must be one of: system, security, audit"),
        (one("wang", "audit"), "Nobody is declared for the duty security, system"),
        (one("debian", "audit"), "debian is the account of the automation"),
    ],
)
def test_what_is_wrong_is_said(lab: Any, host: Any, wrong: dict[str, Any], reason: str) -> None:
    assert host
    assert reason in lab.refuses("base", wrong)


def test_a_system_that_is_not_known_is_refused(lab: Any, host: Any) -> None:
    host.sh("cp /etc/os-release /root/; sed -i s/^ID=.*/ID=ubuntu/ /etc/os-release")
    try:
        assert "(ID=ubuntu) is none of the systems" in lab.refuses("base", {})
    finally:
        host.sh("cp /root/os-release /etc/os-release")
