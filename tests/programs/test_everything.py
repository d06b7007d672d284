"""What a site that uses every key declares, on a cloud with every service and on one with few.

The expected graphs are data; `GOVSTACK_UPDATE_DATA=1 pytest tests/programs` writes them anew.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from govstack.layers.outputs import PlatformOutputs
from govstack.layers.program import Inputs, PlatformInputs, SystemInputs, program
from govstack.plan.make import make_plan
from govstack.plan.model import Plan
from govstack.site.load import load_site
from govstack.values.secret import Secret

TESTS = Path(__file__).parent.parent
SITE = TESTS / "data" / "sites" / "everything"
DATA = TESTS / "data" / "programs" / "everything"
SYSTEMS = ("balancers", "gap", "database", "store", "front", "office", "police")
ENVIRONMENTS = ("octavia", "nodes")


def plan_of(environment: str) -> Plan:
    return make_plan(load_site(SITE, environment))


def platform_outputs(plan: Plan) -> PlatformOutputs:
    return PlatformOutputs(
        external_network="public",
        routers={router.zone: f"r-{router.zone}" for router in plan.platform.routers},
        flavors={flavor.id: f"f-{flavor.id}" for flavor in plan.platform.flavors},
        images={image.id: f"i-{image.id}" for image in plan.platform.images},
        volume_types={kind.id: f"t-{kind.id}" for kind in plan.platform.volume_types},
        projects={project.system: f"p-{project.system}" for project in plan.platform.projects},
        dns_zone="z-1" if plan.platform.dns_zone else "",
    )


def inputs_of(plan: Plan, stack: str) -> Inputs:
    if stack == "platform":
        users = [project.user for project in plan.platform.projects]
        passwords = {user: Secret(f"pw-of-{user}") for user in users}
        return PlatformInputs(plan.platform, passwords, Path("/site"))
    chosen = next(item for item in plan.systems if item.id == stack)
    secrets = {each.key: Secret(f"pw-of-{each.key}") for each in chosen.credentials}
    return SystemInputs(chosen, platform_outputs(plan).consumed_by(chosen), secrets)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("stack", ["platform", *SYSTEMS])
def test_a_stack_declares_this_and_nothing_else(
    environment: str, stack: str, cloud: Any, declare: Any
) -> None:
    exports = declare(program(inputs_of(plan_of(environment), stack)), stack=stack)
    actual = json.loads(
        json.dumps(
            {
                "resources": cloud.graph(),
                "lookups": sorted(cloud.lookups, key=str),
                "exports": exports,
            },
            sort_keys=True,
            default=str,
        )
    )
    path = DATA / environment / f"{stack}.json"
    if os.environ.get("GOVSTACK_UPDATE_DATA"):
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(actual, indent=1, sort_keys=True, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")
    assert actual == json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("stack", ["platform", *SYSTEMS])
def test_every_password_is_a_secret_in_the_state(
    environment: str, stack: str, cloud: Any, declare: Any
) -> None:
    inputs = inputs_of(plan_of(environment), stack)
    declare(program(inputs), stack=stack)
    known = inputs.passwords if isinstance(inputs, PlatformInputs) else inputs.secrets
    for args in cloud.resources.values():
        for key, value in args.inputs.items():
            if any(secret.reveal() in str(value) for secret in known.values()):
                assert key in cloud.secrets[args.name]


def test_names_in_the_cloud_are_those_of_a_systems_first_id(cloud: Any, declare: Any) -> None:
    declare(program(inputs_of(plan_of("octavia"), "front")), stack="front")
    assert all("front" not in key for key in cloud.resources)
    assert "openstack portal" in cloud.resources


def test_nodes_of_an_exchange_stand_in_both_zones(cloud: Any, declare: Any) -> None:
    declare(program(inputs_of(plan_of("octavia"), "gap")), stack="gap")
    (server,) = cloud.of_type("Instance").values()
    assert [network["port"] for network in server["networks"]] == [
        "id-of-ev-exc-north-gap-relay-001",
        "id-of-ev-exc-north-gap-relay-001-prv",
    ]


def test_an_image_is_named_by_its_content_and_kept_unless_all_is_disposable(
    cloud: Any, declare: Any
) -> None:
    plan = plan_of("nodes")
    declare(program(inputs_of(plan, "platform")), stack="platform")
    (image,) = cloud.of_type("Image").values()
    digest = next(image.sha256 for image in plan.platform.images if image.file)
    assert image["name"] == f"ev-file-{digest[:12]}"
    assert image["localFilePath"] == "/site/images/tiny.img"
    assert plan.platform.keeps_images
    assert not plan_of("octavia").platform.keeps_images
