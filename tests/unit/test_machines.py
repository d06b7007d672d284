"""Machines: declared once, in the plan and in the inventory as what they are."""

import shutil
from pathlib import Path

import pytest

from govstack.errors import SiteInvalid
from govstack.inventory.make import make_inventory
from govstack.inventory.model import Known, Login
from govstack.plan.make import make_plan
from govstack.plan.views.needs import need_of
from govstack.plan.views.topology import topology_of
from govstack.site.hardware import hardware
from govstack.site.load import load_site

QUARRY = Path(__file__).parents[1] / "data" / "sites" / "quarry"
SCALES = "qu-dat-works-scales-data-001"


@pytest.fixture
def quarry(tmp_path: Path) -> Path:
    return Path(shutil.copytree(QUARRY, tmp_path / "quarry"))


def edit(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def told(root: Path) -> list[str]:
    with pytest.raises(SiteInvalid) as caught:
        load_site(root, "sandbox")
    return [f"{each.path}: {each.text}; {each.hint}" for each in caught.value.problems]


def test_a_machine_tells_of_itself_what_its_firmware_tells() -> None:
    site = load_site(QUARRY, "sandbox")
    first, second = site.machines
    assert first.board == {
        "bios_vendor": "American Megatrends Inc.",
        "board_vendor": "Inspur",
        "board_version": "YZMB-01642-103",
        "chassis_vendor": "Inspur",
        "product_name": "NF5280M6",
        "product_serial": "221733901",
        "product_version": "0",
        "sys_vendor": "Inspur",
    }
    assert second.board["sys_vendor"] == "New H3C Technologies Co., Ltd."
    assert (first.label, second.label) == (
        "浪潮信息 NF5280M6",
        "新华三 H3C UniServer R4900 G5",
    )


def test_a_node_on_a_machine_asks_for_no_server() -> None:
    site = load_site(QUARRY, "sandbox")
    plan = make_plan(site)
    scales = next(system for system in plan.systems if system.id == "scales")
    assert [node.machine.id for node in scales.nodes if node.machine] == ["x86-001", "x86-002"]
    quota = scales.project.quota
    assert (quota.instances, quota.cores, quota.ram_mb) == (0, 0, 0)
    assert quota.ports == 2 + 1
    assert need_of(site, scales).instances == 0
    view = topology_of(site, plan, ["scales"])
    assert [(system.nodes, system.machines) for system in view.systems] == [(2, 2)]


def test_the_inventory_has_machines_by_maker() -> None:
    site = load_site(QUARRY, "sandbox")
    known = {"scales": Known(system="scales", standing="unchanged", nodes={SCALES: "a port"})}
    inventory = make_inventory(site, make_plan(site), known, Login(user="debian"))
    groups = {group.name: group.hosts for group in inventory.groups}
    assert groups["vendor_inspur"] == (SCALES,)
    assert groups["machines"] == (SCALES, "qu-dat-works-scales-meter-001")
    host = next(host for host in inventory.hosts if host.name == SCALES)
    assert host.variables["govstack_machine"] == {
        "id": "x86-001",
        "management": "172.31.0.11",
        "model": "NF5280M6",
        "place": "hall 1, rack 7",
        "serial": "221733901",
        "vendor": "inspur",
    }


def test_a_host_may_let_in_somebody_else() -> None:
    site = load_site(QUARRY, "sandbox")
    login = Login(user="debian", users={SCALES: "openeuler"})
    inventory = make_inventory(site, make_plan(site), {}, login)
    users = {host.name: host.variables.get("ansible_user") for host in inventory.hosts}
    assert users[SCALES] == "openeuler"
    assert inventory.variables["ansible_user"] == "debian"


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            "site.yaml",
            "vendor: inspur",
            "vendor: inspurr",
            "machines.x86-001.vendor: no maker 'inspurr' is known; did you mean inspur?",
        ),
        (
            "site.yaml",
            "management: 172.31.0.12",
            "management: 172.31.0.11",
            (
                "machines.x86-002.management: x86-001 is managed at 172.31.0.11 too; "
                "give each its own address"
            ),
        ),
        (
            "site.yaml",
            "serial: 210235A4CHH21B000017",
            'serial: "221733901"',
            (
                "machines.x86-002.serial: x86-001 has the serial number '221733901' too; "
                "one of them is written wrong, or both are one machine"
            ),
        ),
        (
            "site.yaml",
            "management: 172.31.0.12",
            "management: 172.31.0.0/24",
            (
                "machines.x86-002.management: '172.31.0.0/24' is not an IPv4 address; "
                "write it like 172.31.0.11"
            ),
        ),
        (
            "systems/scales.yaml",
            "machines: [x86-001]",
            "machines: [x86-003]",
            "nodes.data.machines[0]: there is no machine 'x86-003'; did you mean x86-002?",
        ),
        (
            "systems/scales.yaml",
            "machines: [x86-002]",
            "machines: [x86-001]",
            (
                "nodes.meter.machines[0]: the machine 'x86-001' has a node already, "
                "of scales/data; name another machine"
            ),
        ),
        (
            "systems/scales.yaml",
            "count: 1",
            "count: 2",
            (
                "nodes.data.machines: 2 nodes are to be on 1 machines; "
                "name as many machines as there are nodes"
            ),
        ),
        (
            "systems/scales.yaml",
            "machines: [x86-001]",
            "machines: [x86-001]\n    volumes:\n      data: {size_gb: 1, mount: /srv}",
            (
                "nodes.data.volumes: nodes on machines have no volumes of the cloud; "
                "remove them: a machine's disks are its own"
            ),
        ),
    ],
)
def test_what_is_wrong_with_machines_is_said(
    quarry: Path, file: str, old: str, new: str, problem: str
) -> None:
    edit(quarry, file, old, new)
    assert problem in told(quarry)


def test_the_table_of_makers_is_whole() -> None:
    vendors = hardware().vendors
    assert {"inspur", "xfusion", "h3c", "sugon"} <= vendors.keys()
    known = {"bios_vendor", "bios_version", "bios_date", "board_name", "board_version"}
    known |= {"product_version", "product_family"}
    told_names = {
        key for vendor in vendors.values() for row in vendor.models.values() for key in row
    }
    assert told_names <= known
