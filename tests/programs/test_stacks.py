"""What each stack of Yunzhou declares, whole: inputs, providers, exports.

The expected graphs are data; `GOVSTACK_UPDATE_DATA=1 pytest tests/programs` writes them anew, for
a reviewer to read as a diff.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from pulumi.output import Unknown

from govstack.layers.outputs import UNKNOWN, PlatformOutputs, SystemOutputs
from govstack.layers.program import Inputs, PlatformInputs, SystemInputs, program
from govstack.plan.make import make_plan
from govstack.plan.model import Plan, SystemPlan
from govstack.site.load import load_site
from govstack.values.secret import Secret

DATA = Path(__file__).parent.parent / "data" / "programs"
SYSTEMS = ("inf-bas", "inf-log", "dat-rdb", "app-oa", "app-hal")
PLATFORM_OUTPUTS = PlatformOutputs(
    external_network="public",
    routers={"INT": "r-int", "PUB": "r-pub", "DAT": "r-dat", "MGT": "r-mgt"},
    flavors={"small": "f-small", "medium": "f-medium"},
    images={"linux": "i-linux"},
    volume_types={},
    dns_zone="",
    projects={system: f"p-{system}" for system in SYSTEMS},
)


@pytest.fixture
def plan(yunzhou: Path) -> Plan:
    return make_plan(load_site(yunzhou, "sandbox"))


def system(plan: Plan, id_: str) -> SystemPlan:
    return next(item for item in plan.systems if item.id == id_)


def inputs_of(plan: Plan, stack: str) -> Inputs:
    if stack == "platform":
        users = [project.user for project in plan.platform.projects]
        passwords = {user: Secret(f"pw-of-{user}") for user in users}
        return PlatformInputs(plan.platform, passwords, Path("/site"))
    chosen = system(plan, stack)
    return SystemInputs(chosen, PLATFORM_OUTPUTS.consumed_by(chosen), {})


@pytest.mark.parametrize("stack", ["platform", *SYSTEMS])
def test_a_stack_declares_this_and_nothing_else(
    stack: str, plan: Plan, cloud: Any, declare: Any
) -> None:
    exports = declare(program(inputs_of(plan, stack)), stack=stack)
    actual = json.loads(
        json.dumps({"resources": cloud.graph(), "exports": exports}, sort_keys=True, default=str)
    )
    path = DATA / f"{stack}.json"
    if os.environ.get("GOVSTACK_UPDATE_DATA"):
        path.parent.mkdir(exist_ok=True)
        text = json.dumps(actual, indent=1, sort_keys=True, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")
    assert actual == json.loads(path.read_text(encoding="utf-8"))


def test_the_exports_are_what_others_read(plan: Plan, declare: Any) -> None:
    platform = declare(program(inputs_of(plan, "platform")), stack="platform")
    parsed = PlatformOutputs.parse(platform)
    assert parsed.routers["DAT"] == "id-of-yz-router-dat"
    assert parsed.images == {"linux": "found-debian-12"}


def test_the_exports_of_a_system_tell_nodes_and_endpoints(plan: Plan, declare: Any) -> None:
    parsed = SystemOutputs.parse(declare(program(inputs_of(plan, "dat-rdb")), stack="dat-rdb"))
    assert parsed.nodes == {
        "yz-dat-dsjj-rdb-db-001": "id-of-yz-dat-dsjj-rdb-db-001",
        "yz-dat-dsjj-rdb-db-002": "id-of-yz-dat-dsjj-rdb-db-002",
    }
    assert parsed.endpoints == {"postgresql": ("10.40.0.10:5432", "10.40.0.11:5432")}


def test_a_password_is_a_secret_in_the_state(plan: Plan, cloud: Any, declare: Any) -> None:
    declare(program(inputs_of(plan, "platform")), stack="platform")
    assert cloud.secrets == {f"yz-{system}-svc": {"password"} for system in SYSTEMS}


def test_a_preview_from_nothing_does_without_the_ids_that_are_not_known_yet(
    plan: Plan, cloud: Any, declare: Any
) -> None:
    chosen = system(plan, "app-hal")
    unknown = PlatformOutputs(
        external_network="public",
        routers={"INT": UNKNOWN},
        flavors={"small": UNKNOWN},
        images={"linux": UNKNOWN},
        volume_types={},
        dns_zone="",
        projects={"app-hal": UNKNOWN},
    )
    declare(program(SystemInputs(chosen, unknown, {})), stack="app-hal", preview=True)
    (interface,) = cloud.of_type("RouterInterface").values()
    (server,) = cloud.of_type("Instance").values()
    assert isinstance(interface["routerId"], Unknown)
    assert isinstance(server["imageId"], Unknown)
    assert isinstance(server["flavorId"], Unknown)
    assert server["name"] == "yz-int-zwfw-hal-web-001"


def test_what_holds_data_is_protected_unless_the_environment_is_disposable(
    yunzhou: Path, cloud: Any, declare: Any
) -> None:
    chosen = system(make_plan(load_site(yunzhou, "production")), "dat-rdb")
    declare(
        program(SystemInputs(chosen, PLATFORM_OUTPUTS.consumed_by(chosen), {})), stack="dat-rdb"
    )
    assert cloud.protected == {
        "Instance yz-dat-dsjj-rdb-db-001",
        "Instance yz-dat-dsjj-rdb-db-002",
        "Volume yz-dat-dsjj-rdb-db-001-data",
        "Volume yz-dat-dsjj-rdb-db-002-data",
    }


def test_only_the_routers_interface_is_made_by_the_platform(
    plan: Plan, cloud: Any, declare: Any
) -> None:
    declare(program(inputs_of(plan, "dat-rdb")), stack="dat-rdb")
    by_platform = [key for key, item in cloud.graph().items() if item.get("provider") == "platform"]
    assert by_platform == ["RouterInterface yz-dat-rdb-dat"]
