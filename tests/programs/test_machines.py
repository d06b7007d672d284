"""A node on a machine: a port that holds its address and rules, and no server."""

from pathlib import Path
from typing import Any

from govstack.layers.outputs import PlatformOutputs
from govstack.layers.program import SystemInputs, program
from govstack.plan.make import make_plan
from govstack.site.load import load_site

QUARRY = Path(__file__).parent.parent / "data" / "sites" / "quarry"
SCALES, METER = "qu-dat-works-scales-data-001", "qu-dat-works-scales-meter-001"


def test_a_machine_has_a_port_and_nothing_else_in_the_cloud(cloud: Any, declare: Any) -> None:
    plan = make_plan(load_site(QUARRY, "sandbox"))
    scales = next(system for system in plan.systems if system.id == "scales")
    platform = PlatformOutputs(
        external_network="public",
        routers={"OPS": "r-ops", "DAT": "r-dat"},
        flavors={"tiny": "f-tiny"},
        images={"debian": "i-debian", "openeuler": "i-openeuler"},
        volume_types={},
        dns_zone="",
        projects={"gate": "p-gate", "scales": "p-scales"},
    )
    inputs = SystemInputs(scales, platform.consumed_by(scales), {})
    exports = declare(program(inputs), stack="scales")
    assert cloud.of_type("Instance") == {}
    ports = cloud.of_type("Port")
    assert {
        name: (port["deviceOwner"], port["deviceId"], port["fixedIps"][0]["ipAddress"])
        for name, port in ports.items()
    } == {
        SCALES: ("govstack:machine", "x86-001", "10.12.1.10"),
        METER: ("govstack:machine", "x86-002", "10.12.1.11"),
    }
    assert exports["nodes"] == {SCALES: f"id-of-{SCALES}", METER: f"id-of-{METER}"}
