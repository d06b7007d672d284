"""Servers are born with the site's authority, where they are logged in to."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from govstack.layers.outputs import PlatformOutputs
from govstack.layers.program import SystemInputs, program
from govstack.plan.make import make_plan
from govstack.site.load import load_site
from govstack.trust.birth import AUTOMATION, login_script

HARBOUR = Path(__file__).parents[1] / "data/sites/harbour"


@pytest.mark.parametrize("line", ["", "ssh-ed25519 AAAA"])
def test_servers_are_born_with_the_authority(line: str, cloud: Any, declare: Any) -> None:
    plan = make_plan(load_site(HARBOUR, "sandbox"))
    chosen = next(system for system in plan.systems if system.id == "berths")
    platform = PlatformOutputs(
        external_network="public",
        routers={router.zone: "r-1" for router in plan.platform.routers},
        flavors={flavor.id: "f-1" for flavor in plan.platform.flavors},
        images={image.id: "i-1" for image in plan.platform.images},
        volume_types={},
        projects={project.system: "p-1" for project in plan.platform.projects},
        dns_zone="",
    )
    inputs = SystemInputs(
        dataclasses.replace(chosen, authority=line), platform.consumed_by(chosen), {}
    )
    declare(program(inputs), stack="berths")
    graph = cloud.graph()
    servers = [one["inputs"] for name, one in graph.items() if name.startswith("Instance ")]
    script = login_script(line, AUTOMATION) if line else None
    assert [(server.get("userData"), server.get("keyPair")) for server in servers] == [
        (script, None)
    ]
