"""Servers of the embedded cloud as real hosts: one logs in, and packets follow the rules.

Where the machine has not what hosts need, the tests say what is missing.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openstack.config import OpenStackConfig
from openstack.connection import Connection

from govstack.sandbox import OPERATOR, lacking
from govstack.state.authority import open_authority
from govstack.state.login import CERTIFICATE, KNOWN_HOSTS, public_key
from govstack.state.places import Places
from govstack.trust.birth import AUTOMATION
from govstack.trust.ssh import Grant, new_key, public_line, sign_login
from govstack.trust.terms import TERMS, Span, span

pytestmark = [
    pytest.mark.e2e,
    # openstacksdk deprecates what it calls itself.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]
BASTION = "yz-mgt-dsjj-bas-bastion-001"
DATABASE = "yz-dat-dsjj-rdb-db-001"
OFFICE = "yz-pub-szfb-oa-app-001"
COUNTERS = ("fs.dentry-state", "fs.file-nr", "fs.inode-", "fs.quota.", "kernel.ns_last_pid")
RANDOM = ("kernel.random.", "kernel.pty.nr", "fs.aio-nr", "net.netfilter.nf_conntrack_count")
PROBE = (
    "python3 -c 'import socket,sys\n"
    'try: socket.create_connection((sys.argv[1], int(sys.argv[2])), 2); print("open")\n'
    'except ConnectionRefusedError: print("refused")\n'
    'except OSError: print("closed")\' {} {}'
)


def machine() -> dict[str, str]:
    """What of the machine's own must stay as it is."""
    commands = {
        "addresses": ["ip", "-o", "address"],
        "routes": ["ip", "route", "show", "table", "all"],
        "rules": ["ip", "rule"],
        "filters": ["nft", "list", "ruleset"],
        "settings": ["sysctl", "-a"],
    }
    found = {
        name: subprocess.run(command, capture_output=True, text=True, check=False).stdout
        for name, command in commands.items()
    }
    settings = found["settings"].splitlines()
    found["settings"] = "\n".join(
        line for line in settings if not line.startswith((*COUNTERS, *RANDOM))
    )
    # How long an address is valid is counted down.
    found["addresses"] = "\n".join(
        line.partition("valid_lft")[0] for line in found["addresses"].splitlines()
    )
    return found


def eventually(holds: Callable[[], bool], seconds: float) -> float:
    """Return after how many seconds it holds."""
    started = time.monotonic()
    while not holds():
        assert time.monotonic() - started < seconds, f"not so after {seconds} seconds"
        time.sleep(0.1)
    return time.monotonic() - started


RUNNING = 1
"""As nova numbers it."""


class Hosts:
    """The hosts of a city, asked as an operator asks."""

    def __init__(self, city: Any) -> None:
        self.city = city
        self.root = Path(city.run("sandbox", "status").data["root"])
        self.key = hashlib.sha256(str(self.root.resolve()).encode()).hexdigest()[:8]

    def ssh(self, node: str, command: str) -> tuple[int, str]:
        done = self.city.text("ssh", node, "--", command)
        return done.exit_code, (done.stdout + done.stderr).strip()

    def probe(self, node: str, address: str, port: int) -> str:
        return self.ssh(node, PROBE.format(address, port))[1]

    def answers(self, node: str) -> bool:
        return self.ssh(node, "true")[0] == 0

    def left(self) -> list[str]:
        """Return what the kernel holds of this cloud's hosts."""
        name = f"gs-{self.key}"
        found = [str(path) for path in Path("/run/netns").glob(f"{name}*")]
        found += [str(path) for path in Path("/sys/fs/cgroup").glob(f"{name}*")]
        found += [str(path) for path in Path("/sys/fs/cgroup").glob(f"*/{name}*")]
        for process in Path("/proc").glob("[0-9]*"):
            try:
                text = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if name in text or f"{self.root}/data/hosts" in text:
                found.append(text)
        return found


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    lacks = lacking(tmp_path_factory.mktemp("probe"))
    if lacks:
        pytest.skip(f"servers cannot be hosts here: {lacks}")
    return machine()


@pytest.fixture(scope="module")
def hosts(before: dict[str, str], city: Any) -> Hosts:
    assert before, "the machine is looked at before there is a cloud"
    assert city.run("up", "--yes").exit_code == 0
    made = Hosts(city)
    eventually(lambda: made.answers(BASTION), 60)
    return made


@pytest.fixture(scope="module")
def cloud(hosts: Hosts) -> Any:
    path = str(hosts.root / "etc/clouds.yaml")
    loader = OpenStackConfig(config_files=[path], load_envvars=False)
    return Connection(config=loader.get_one("govstack-sandbox"))


def server_of(cloud: Any, name: str) -> Any:
    return next(cloud.compute.servers(all_projects=True, name=name))


def test_one_logs_in_by_way_of_the_bastion(hosts: Hosts) -> None:
    assert hosts.ssh(BASTION, "hostname") == (0, BASTION)
    code, said = hosts.ssh(DATABASE, "hostname; sudo id -un; findmnt -n -o TARGET /var/lib/pgsql")
    assert (code, said.split()) == (0, [DATABASE, "root", "/var/lib/pgsql"])
    (configuration,) = hosts.city.state.rglob("ssh/config")
    plain = subprocess.run(
        ["ssh", "-F", str(configuration), DATABASE, "hostname"],
        env=hosts.city.variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (plain.returncode, plain.stdout) == (0, f"{DATABASE}\n")


class Trust:
    """Logs in as one may not: with another certificate, or to another host."""

    def __init__(self, hosts: Hosts, folder: Path) -> None:
        (configuration,) = hosts.city.state.rglob("ssh/config")
        self.variables = hosts.city.variables
        self.places = Places(configuration.parent.parent)
        self.text = configuration.read_text()
        self.login = configuration.parent
        self.folder = folder

    def ssh(self, node: str, command: str = "true", **files: str) -> tuple[int, str]:
        """Log in with other files in the place of the known ones."""
        text = self.text
        for name, content in files.items():
            old = {"certificate": CERTIFICATE, "known": KNOWN_HOSTS}[name]
            (self.folder / old).write_text(content)
            text = text.replace(str(self.login / old), str(self.folder / old))
        (self.folder / "config").write_text(text)
        done = subprocess.run(
            ["ssh", "-F", str(self.folder / "config"), "-o", "BatchMode=yes", node, command],
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr

    def certificate(self, **other: Any) -> str:
        """Return one that the site's authority has signed, and that says something else."""
        now = datetime.now(UTC)
        said = {
            "identity": "a test",
            "principals": (AUTOMATION,),
            "sources": (OPERATOR, "10.50.0.10"),
            "good": span(now, TERMS.login, skew=TERMS.skew),
            "serial": 1,
        }
        signing = other.pop("signing", open_authority(self.places).ssh.reveal())
        return sign_login(public_key(self.places), Grant(**(said | other)), signing)


def test_certificates_open_what_they_say_and_nothing_else(hosts: Hosts, tmp_path: Path) -> None:
    trust, now = Trust(hosts, tmp_path), datetime.now(UTC)
    assert (trust.login / "known_hosts").read_text().count("\n") == 1
    assert trust.ssh(BASTION, certificate=trust.certificate())[0] == 0
    past = Span(now - timedelta(hours=2), now - timedelta(hours=1))
    for wrong in (
        "",
        trust.certificate(sources=("192.0.2.1",)),
        trust.certificate(principals=("root", "debian")),
        trust.certificate(good=past),
        trust.certificate(signing=new_key()),
    ):
        code, said = trust.ssh(BASTION, certificate=wrong)
        assert (code, "Permission denied" in said) == (255, True)
    # It may come to the database from the bastion, and from nowhere else.
    outside = trust.certificate(sources=(OPERATOR,))
    assert trust.ssh(BASTION, certificate=outside)[0] == 0
    assert trust.ssh(DATABASE, certificate=outside)[0] == 255
    journal = hosts.ssh(BASTION, "sudo journalctl -q -u ssh | grep 'ID [a-z]*/sandbox by '")[1]
    assert "(serial " in journal


def test_a_host_that_the_site_has_not_certified_is_not_believed(
    hosts: Hosts, tmp_path: Path
) -> None:
    trust = Trust(hosts, tmp_path)
    other = f"@cert-authority * {public_line(new_key())}\n"
    code, said = trust.ssh(BASTION, known=other)
    assert (code, "Host key verification failed" in said) == (255, True)
    # It shows another key than the one that the cloud knows of.
    key = "/etc/ssh/ssh_host_ed25519_key"
    replaced = (
        f"sudo sh -c 'cp {key}.pub /root && rm {key} {key}.pub && "
        f'ssh-keygen -q -t ed25519 -N "" -f {key} && cp {key}.pub /etc/ssh/new.pub && '
        f"cp /root/ssh_host_ed25519_key.pub /etc/ssh && systemctl restart ssh'"
    )
    assert hosts.ssh(OFFICE, replaced)[0] == 0
    code, said = hosts.ssh(OFFICE, "true")
    assert (code, "Host key verification failed" in said) == (255, True)
    (trust.login / "introductions.json").unlink()
    code, said = hosts.ssh(OFFICE, "true")
    assert (code, f"{OFFICE} could not be given its certificate" in said) == (6, True)
    # Once the cloud tells it, it is met again.
    (new,) = hosts.root.glob("data/hosts/*/upper/etc/ssh/new.pub")
    shutil.copy(new, new.with_name("ssh_host_ed25519_key.pub"))
    assert hosts.answers(OFFICE)
    assert hosts.answers(BASTION)


def test_only_floating_addresses_are_reached_from_outside(hosts: Hosts) -> None:
    refused = hosts.city.run("sandbox", "connect", "10.50.0.10", "22")
    assert "lets nobody in" in refused.error["message"]


def test_packets_follow_the_flows(hosts: Hosts) -> None:
    assert hosts.probe(BASTION, "10.40.0.10", 22) == "open"
    assert hosts.probe(BASTION, "10.40.0.10", 5432) == "closed"
    # What is allowed and has nobody listening is refused by the host itself.
    assert hosts.probe(OFFICE, "10.40.0.10", 5432) == "refused"
    assert hosts.probe(OFFICE, "10.40.0.10", 22) == "closed"
    assert hosts.probe(OFFICE, "10.50.0.10", 22) == "closed"


def test_a_rule_opens_within_a_second_and_closes_again(hosts: Hosts, cloud: Any) -> None:
    verified = hosts.city.run("verify").data
    assert (verified["hosts"], verified["findings"], verified["unasked"]) == (6, [], [])
    group = next(cloud.network.security_groups(name="yz-dat-rdb-db"))
    rule = cloud.network.create_security_group_rule(
        security_group_id=group.id,
        direction="ingress",
        ethertype="IPv4",
        protocol="tcp",
        port_range_min=443,
        port_range_max=443,
        remote_ip_prefix="10.50.0.10/32",
    )
    time.sleep(1)
    assert hosts.probe(BASTION, "10.40.0.10", 443) == "refused"
    found = hosts.city.run("verify", "--host", BASTION)
    assert found.exit_code == 8
    assert [
        (one["host"], one["subject"], one["expected"], one["seen"])
        for one in found.envelope["data"]["findings"]
    ] == [
        (BASTION, f"{DATABASE} 10.40.0.10 tcp/443", "closed", "refused"),
        (BASTION, f"{DATABASE[:-1]}2 10.40.0.11 tcp/443", "closed", "refused"),
    ]
    cloud.network.delete_security_group_rule(rule.id)
    time.sleep(1)
    assert hosts.probe(BASTION, "10.40.0.10", 443) == "closed"
    assert hosts.city.run("verify", "--host", BASTION).exit_code == 0


def test_settings_inside_are_not_those_of_the_machine(hosts: Hosts) -> None:
    own = Path("/proc/sys/vm/swappiness").read_text()
    command = "sudo sysctl -q -w vm.swappiness=7 && cat /proc/sys/vm/swappiness"
    assert hosts.ssh(BASTION, command) == (0, "7")
    assert Path("/proc/sys/vm/swappiness").read_text() == own


def test_stop_start_and_a_shutdown_from_inside(hosts: Hosts, cloud: Any) -> None:
    server = server_of(cloud, OFFICE)
    cloud.compute.stop_server(server)
    cloud.compute.wait_for_server(server, status="SHUTOFF")
    assert not hosts.answers(OFFICE)
    cloud.compute.start_server(server)
    cloud.compute.wait_for_server(server)
    eventually(lambda: hosts.answers(OFFICE), 20)
    hosts.ssh(OFFICE, "sudo poweroff")
    cloud.compute.wait_for_server(server, status="SHUTOFF", interval=1, wait=60)
    cloud.compute.start_server(server)
    cloud.compute.wait_for_server(server)
    eventually(lambda: hosts.answers(OFFICE), 20)


def test_a_volume_survives_a_rebuild(hosts: Hosts, cloud: Any) -> None:
    hosts.ssh(DATABASE, "echo kept | sudo tee /var/lib/pgsql/kept /root/gone")
    server = server_of(cloud, DATABASE)
    cloud.compute.rebuild_server(server, image=server.image.id)
    eventually(lambda: cloud.compute.get_server(server.id).task_state is None, 60)
    eventually(lambda: hosts.answers(DATABASE), 20)
    command = "cat /var/lib/pgsql/kept; sudo test ! -e /root/gone"
    assert hosts.ssh(DATABASE, command) == (0, "kept")


def test_another_size_is_the_same_host(hosts: Hosts, cloud: Any) -> None:
    hosts.ssh(DATABASE, "echo kept | sudo tee /root/kept")
    server = server_of(cloud, DATABASE)
    # A smaller one: the quota of the project is what its servers have.
    flavor = cloud.compute.create_flavor(
        name="slim", vcpus=1, ram=256, disk=server.flavor.disk, is_public=True
    )
    cloud.compute.resize_server(server, flavor.id)
    cloud.compute.wait_for_server(server, status="VERIFY_RESIZE", interval=1)
    cloud.compute.confirm_server_resize(server)
    eventually(lambda: cloud.compute.get_server(server.id).status == "ACTIVE", 60)
    eventually(lambda: hosts.answers(DATABASE), 20)
    assert hosts.ssh(DATABASE, "sudo cat /root/kept") == (0, "kept")
    assert cloud.compute.get_server(server.id).power_state == RUNNING


def test_what_cannot_start_is_in_error_with_the_reason(hosts: Hosts, cloud: Any) -> None:
    image = cloud.image.create_image(
        name="no-such-base",
        disk_format="raw",
        container_format="bare",
        data=b"x",
        govstack_base="no-such",
    )
    network = cloud.network.create_network(name="for-an-error")
    cloud.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.99.0.0/24")
    server = cloud.compute.create_server(
        name="hopeless",
        image_id=image.id,
        flavor_id=next(cloud.compute.flavors(name="m1.tiny")).id,
        networks=[{"uuid": network.id}],
    )
    eventually(lambda: cloud.compute.get_server(server.id).status == "ERROR", 60)
    assert "'no-such'; there are: debian-12" in cloud.compute.get_server(server.id).fault["message"]
    cloud.compute.delete_server(server)
    cloud.compute.wait_for_delete(server)
    assert not [entry for entry in hosts.left() if server.id[:13] in entry]


def test_what_is_deleted_leaves_nothing(hosts: Hosts, cloud: Any) -> None:
    server = server_of(cloud, OFFICE)
    assert [entry for entry in hosts.left() if server.id[:13] in entry]
    cloud.compute.delete_server(server)
    cloud.compute.wait_for_delete(server)
    assert not [entry for entry in hosts.left() if server.id[:13] in entry]
    assert not (hosts.root / "data/hosts" / server.id).exists()


def test_stopped_or_killed_nothing_is_left_and_all_comes_back(hosts: Hosts) -> None:
    assert hosts.city.run("sandbox", "stop").exit_code == 0
    assert hosts.left() == []
    assert hosts.city.run("sandbox", "start").exit_code == 0
    eventually(lambda: hosts.answers(DATABASE), 60)
    assert hosts.ssh(DATABASE, "cat /var/lib/pgsql/kept") == (0, "kept")
    report = json.loads((hosts.root / "run/status.json").read_text())
    os.kill(report["pid"], signal.SIGKILL)
    assert hosts.left(), "hosts outlive a supervisor that was killed"
    assert hosts.city.run("sandbox", "stop").exit_code == 0
    assert hosts.left() == []


def test_the_machine_is_as_it_was(hosts: Hosts, before: dict[str, str]) -> None:
    assert hosts.city.run("sandbox", "remove", "--yes").exit_code == 0
    assert hosts.left() == []
    assert machine() == before
