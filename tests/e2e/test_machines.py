"""Machines beside servers in the embedded cloud: two makers, two operating systems, one address.

Where the machine has not what hosts need, the tests say what is missing.
"""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openstack.config import OpenStackConfig
from openstack.connection import Connection

from govstack.sandbox import lacking

from .conftest import CHECKOUT, City, copy_city

pytestmark = [
    pytest.mark.e2e,
    # openstacksdk deprecates what it calls itself.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]
QUARRY = CHECKOUT / "tests" / "data" / "sites" / "quarry"
JUMP = "qu-ops-works-gate-jump-001"
SCALES = "qu-dat-works-scales-data-001"
METER = "qu-dat-works-scales-meter-001"
SHARED = "10.12.1.40"
PROBE = (
    "python3 -c 'import socket,sys\n"
    "try: print(socket.create_connection((sys.argv[1], 7000), 2).recv(99).decode())\n"
    'except OSError: print("nobody")\' ' + SHARED
)
TELL = (
    'python3 -c "import socket,sys\n'
    "s = socket.create_server((str(), 7000))\n"
    'while True: c, _ = s.accept(); c.sendall(sys.argv[1].encode()); c.close()" $(hostname)'
)


@pytest.fixture(scope="module")
def quarry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    lacks = lacking(tmp_path_factory.mktemp("probe"))
    if lacks:
        pytest.skip(f"servers cannot be hosts here: {lacks}")
    made = copy_city(tmp_path_factory.mktemp("quarry"), QUARRY)
    try:
        done = made.run("up", "--yes")
        assert done.exit_code == 0, done.failure
        eventually(lambda: ssh(made, JUMP, "true")[0] == 0, 60)
        yield made
    finally:
        made.run("sandbox", "remove", "--yes")


@pytest.fixture(scope="module")
def cloud(quarry: City) -> Any:
    root = Path(quarry.run("sandbox", "status").data["root"])
    loader = OpenStackConfig(config_files=[str(root / "etc/clouds.yaml")], load_envvars=False)
    return Connection(config=loader.get_one("govstack-sandbox"))


def eventually(holds: Callable[[], bool], seconds: float) -> None:
    started = time.monotonic()
    while not holds():
        assert time.monotonic() - started < seconds, f"not so after {seconds} seconds"
        time.sleep(0.2)


def ssh(city: City, node: str, command: str) -> tuple[int, str]:
    done = city.text("ssh", node, "--", command)
    return done.exit_code, (done.stdout + done.stderr).strip()


def test_machines_answer_by_way_of_the_bastion_and_say_who_they_are(quarry: City) -> None:
    told = "cd /sys/class/dmi/id; cat sys_vendor product_name; sudo cat product_serial"
    assert ssh(quarry, SCALES, told) == (0, "Inspur\nNF5280M6\n221733901")
    answer = "New H3C Technologies Co., Ltd.\nH3C UniServer R4900 G5\n210235A4CHH21B000017"
    assert ssh(quarry, METER, told) == (0, answer)
    code, refused = ssh(quarry, SCALES, "cat /sys/class/dmi/id/product_serial")
    assert (code, "Permission denied" in refused) == (1, True)


def test_each_runs_the_system_that_its_image_is_of(quarry: City) -> None:
    read = ". /etc/os-release; echo $ID; id -un; command -v dnf apt-get"
    assert ssh(quarry, SCALES, read)[1] == "openEuler\nopeneuler\n/usr/bin/dnf"
    assert ssh(quarry, METER, read)[1] == "debian\ndebian\n/usr/bin/apt-get"


def test_nova_knows_nothing_of_them_and_neutron_their_ports(quarry: City, cloud: Any) -> None:
    servers = [server.name for server in cloud.compute.servers(all_projects=True)]
    assert servers == [JUMP]
    owners = {port.name: port.device_owner for port in cloud.network.ports() if port.name}
    assert {name: owners[name] for name in (SCALES, METER)} == {
        SCALES: "govstack:machine",
        METER: "govstack:machine",
    }
    assert quarry.run("up", "--yes", "--all").exit_code == 0


def test_they_are_told_of_as_machines(quarry: City) -> None:
    status = quarry.run("status").data
    nodes = {node["name"]: node for system in status["systems"] for node in system["nodes"]}
    assert nodes[SCALES]["machine"] == "浪潮信息 NF5280M6"
    groups = json.loads(quarry.text("inventory", "--list").stdout)
    assert groups["vendor_h3c"]["hosts"] == [METER]
    assert groups["_meta"]["hostvars"][SCALES]["ansible_user"] == "openeuler"
    view = quarry.run("plan", "--view", "topology").data
    assert {system["id"]: system["machines"] for system in view["systems"]}["scales"] == 2


def test_a_virtual_address_follows_who_claims_it(quarry: City, cloud: Any) -> None:
    for name in (SCALES, METER):
        (port,) = cloud.network.ports(name=name)
        cloud.network.update_port(port, allowed_address_pairs=[{"ip_address": SHARED}])
        (group,) = port.security_group_ids
        cloud.network.create_security_group_rule(
            security_group_id=group,
            direction="ingress",
            ether_type="IPv4",
            protocol="tcp",
            port_range_min=7000,
            port_range_max=7000,
        )
        start = f"sudo systemd-run --unit=teller {TELL}"
        assert ssh(quarry, name, start)[0] == 0

    def answers() -> str:
        return ssh(quarry, JUMP, PROBE)[1]

    assert answers() == "nobody"
    device = "$(ip -o route get 10.12.1.1 | grep -o 'dev [a-z0-9]*')"
    take, leave = (f"sudo ip address {verb} {SHARED}/32 {device}" for verb in ("add", "del"))
    assert ssh(quarry, SCALES, take)[0] == 0
    eventually(lambda: answers() == SCALES, 15)
    assert ssh(quarry, SCALES, leave)[0] == 0
    assert ssh(quarry, METER, take)[0] == 0
    eventually(lambda: answers() == METER, 15)


def test_they_are_on_again_after_the_cloud_was_stopped(quarry: City) -> None:
    assert ssh(quarry, METER, "echo kept | sudo tee /root/kept")[0] == 0
    assert quarry.run("sandbox", "stop").exit_code == 0
    assert quarry.run("sandbox", "start").exit_code == 0
    eventually(lambda: ssh(quarry, METER, "sudo cat /root/kept") == (0, "kept"), 60)


def test_one_that_is_declared_no_more_is_gone(quarry: City) -> None:
    path = quarry.site / "systems/scales.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("  meter:")], encoding="utf-8")
    done = quarry.run("up", "--yes")
    assert done.exit_code == 0, done.failure
    root = Path(quarry.run("sandbox", "status").data["root"])
    names = [
        json.loads(path.read_text(encoding="utf-8"))["name"]
        for path in (root / "data/hosts").glob("*/guest.json")
    ]
    assert sorted(names) == [SCALES, JUMP]
