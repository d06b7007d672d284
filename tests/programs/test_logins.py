"""Servers let in the environment's key, where it has one."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from govstack.layers.outputs import PlatformOutputs
from govstack.layers.program import SystemInputs, program
from govstack.plan.make import make_plan
from govstack.site.load import load_site

HARBOUR = Path(__file__).parents[1] / "data/sites/harbour"


@pytest.mark.parametrize("key", ["", "ssh-ed25519 AAAA"])
def test_a_system_has_a_key_pair_of_its_user(key: str, cloud: Any, declare: Any) -> None:
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
        dataclasses.replace(chosen, public_key=key), platform.consumed_by(chosen), {}
    )
    declare(program(inputs), stack="berths")
    graph = cloud.graph()
    pairs = [one["inputs"] for name, one in graph.items() if name.startswith("Keypair ")]
    servers = [one["inputs"] for name, one in graph.items() if name.startswith("Instance ")]
    assert pairs == ([{"name": "hb-berths", "publicKey": key}] if key else [])
    assert [bool(server.get("keyPair")) for server in servers] == [bool(key)]
