"""The native entries, run as plain `pulumi` would run them."""

import json
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
from ruamel.yaml import YAML

from govstack.errors import UnknownSelection
from govstack.site.kinds import Layer

STACKS = Path(__file__).parent.parent.parent / "stacks"
FOLDERS = {
    Layer.INFRASTRUCTURE: "infrastructure",
    Layer.DATA_SERVICE: "data_service",
    Layer.APPLICATION_SUPPORT: "application_support",
}


def entry(layer: Layer) -> Any:
    return lambda: runpy.run_path(str(STACKS / FOLDERS[layer]), run_name="__main__") and None


@pytest.fixture
def configured(yunzhou: Path) -> Iterator[None]:
    settings = {
        "govstack:site": str(yunzhou),
        "govstack:passwords": json.dumps(
            {
                f"yz-{name}-svc": "pw"
                for name in ("inf-bas", "inf-log", "dat-rdb", "app-oa", "app-hal")
            }
        ),
    }
    pulumi.runtime.set_all_config(settings)
    yield
    pulumi.runtime.set_all_config({})


@pytest.mark.parametrize("layer", Layer)
def test_every_layer_is_a_project(layer: Layer) -> None:
    settings = YAML(typ="safe").load(STACKS / FOLDERS[layer] / "Pulumi.yaml")
    assert settings["name"] == layer.value
    assert settings["runtime"]["name"] == "python"


@pytest.mark.usefixtures("configured")
def test_the_platform_is_a_stack_of_the_infrastructure_layer(cloud: Any, declare: Any) -> None:
    exports = declare(entry(Layer.INFRASTRUCTURE), stack="platform")
    assert exports["routers"]["MGT"] == "id-of-yz-router-mgt"
    departments = ["yz-dsjj", "yz-szfb", "yz-zwfw"]
    systems = ["yz-app-hal", "yz-app-oa", "yz-dat-rdb", "yz-inf-bas", "yz-inf-log"]
    assert sorted(cloud.of_type("Project")) == sorted(departments + systems)


@pytest.mark.usefixtures("configured")
def test_a_system_takes_what_it_needs_from_the_platforms_stack(cloud: Any, declare: Any) -> None:
    cloud.references |= {
        "external_network": "public",
        "routers": {"DAT": "r-dat"},
        "flavors": {"medium": "f-medium"},
        "images": {"linux": "i-linux"},
        "projects": {"dat-rdb": "p-rdb"},
    }
    declare(entry(Layer.DATA_SERVICE), stack="dat-rdb")
    assert "StackReference organization/infrastructure/platform" in cloud.resources
    (interface,) = cloud.of_type("RouterInterface").values()
    servers = cloud.of_type("Instance")
    assert interface["routerId"] == "r-dat"
    assert {name: item["flavorId"] for name, item in servers.items()} == {
        "yz-dat-dsjj-rdb-db-001": "f-medium",
        "yz-dat-dsjj-rdb-db-002": "f-medium",
    }


@pytest.mark.usefixtures("configured")
def test_a_stack_that_the_layer_does_not_have(declare: Any) -> None:
    with pytest.raises(UnknownSelection, match="application-support has no system 'dat-rdb'"):
        declare(entry(Layer.APPLICATION_SUPPORT), stack="dat-rdb")
