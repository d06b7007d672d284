"""What is asked of a cloud before anything runs, by a cloud that answers from memory."""

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from openstack import config, connection

from govstack.clouds.check import check_cloud
from govstack.errors import CatalogMissing
from govstack.plan.make import make_plan
from govstack.plan.model import Plan
from govstack.site.load import load_site

SITE = Path(__file__).parent.parent / "data" / "sites" / "everything"
SERVICES = ("identity", "dns", "key-manager", "load-balancer", "object-store", "sharev2")


def things(**ids: str) -> Any:
    found = [SimpleNamespace(name=name, id=id_) for name, id_ in ids.items()]
    return lambda **_filters: found


class Cloud:
    """A cloud with all that the site adopts."""

    def __init__(self) -> None:
        self.service_catalog = [{"type": service} for service in SERVICES]
        self.encryption: dict[str, Any] = {"provider": "luks"}
        self.config = SimpleNamespace(get_auth_args=lambda: {"auth_url": "http://cloud"})
        self.image = SimpleNamespace(images=things(**{"debian-12": "i", "other": "image-7"}))
        self.flavors = [
            SimpleNamespace(name="old.small", id="f", vcpus=2, ram=1024),
            SimpleNamespace(name="other", id="flavor-7", vcpus=2, ram=1024),
        ]
        self.compute = SimpleNamespace(flavors=lambda: self.flavors)
        self.block_storage = SimpleNamespace(
            types=things(luks="t"),
            find_type=lambda _name: SimpleNamespace(id="t"),
            get=lambda _path: SimpleNamespace(ok=True, json=lambda: self.encryption),
        )
        self.network = SimpleNamespace(
            routers=things(backbone="r"), networks=things(public="p", other="network-7")
        )
        self.list_projects = things(**{"old-office": "o"})
        self.closed = False

    def authorize(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    made = Cloud()
    monkeypatch.setattr(connection, "Connection", lambda **_options: made)
    loader = SimpleNamespace(get_one=lambda *_arguments, **_options: None)
    monkeypatch.setattr(config, "OpenStackConfig", lambda **_options: loader)
    return made


@pytest.fixture
def plan() -> Plan:
    return make_plan(load_site(SITE, "octavia"))


def refusal(plan: Plan) -> list[str]:
    with pytest.raises(CatalogMissing) as caught:
        check_cloud(Path("clouds.yaml"), plan)
    return str(caught.value).split("; ")


def test_a_cloud_with_all_that_is_needed_passes(cloud: Cloud, plan: Plan) -> None:
    check_cloud(Path("clouds.yaml"), plan)
    assert cloud.closed


def test_a_service_that_the_profile_promises_in_vain_is_named(cloud: Cloud, plan: Plan) -> None:
    cloud.service_catalog = [{"type": "identity"}, {"type": "dns"}]
    assert refusal(plan) == [
        f"the cloud has no service {service!r}, which its profile all promises "
        "(it has: dns, identity)"
        for service in ("key-manager", "load-balancer", "object-store", "shared-file-system")
    ]


def test_everything_that_is_to_be_adopted_and_missing_is_named(cloud: Cloud, plan: Plan) -> None:
    cloud.image.images = things()
    cloud.flavors = [SimpleNamespace(name="tiny", id="1", vcpus=1, ram=64)]
    cloud.network.routers = things()
    cloud.network.networks = things()
    cloud.list_projects = things(admin="1")
    cloud.block_storage.types = things()
    cloud.block_storage.find_type = lambda _name: None
    assert refusal(plan) == [
        "the cloud has no image 'image-7' (it has: none)",
        "the cloud has no image 'debian-12' (it has: none)",
        "the cloud has no flavor 'flavor-7' (it has: tiny)",
        "the cloud has no flavor 'old.small' (it has: tiny)",
        "the cloud has no volume type 'luks' (it has: none)",
        "the cloud has no router 'backbone' (it has: none)",
        "the cloud has no project 'old-office' (it has: admin)",
        "the cloud has no network 'network-7' (it has: none)",
        "the cloud has no external network 'public' (it has: none)",
    ]


def test_a_type_that_does_not_encrypt_is_named(cloud: Cloud, plan: Plan) -> None:
    cloud.encryption = {}
    assert refusal(plan) == ["the volume type 'luks' of the cloud does not encrypt"]


def test_a_flavor_that_is_not_what_the_site_says_is_named(cloud: Cloud, plan: Plan) -> None:
    cloud.flavors[1].ram = 4096
    assert refusal(plan) == [
        "the flavor 'flavor-7' of the cloud has 2 vcpus and 4096 MiB, and the site says 2 and 1024"
    ]


def test_nothing_is_asked_that_the_plan_does_not_need(cloud: Cloud, plan: Plan) -> None:
    cloud.service_catalog = []
    cloud.list_projects = lambda: pytest.fail("no project is adopted")
    cloud.network.routers = lambda: pytest.fail("no router is adopted")
    routers = tuple(dataclasses.replace(r, adopted=None) for r in plan.platform.routers)
    projects = tuple(dataclasses.replace(p, adopted=None) for p in plan.platform.projects)
    platform = dataclasses.replace(plan.platform, routers=routers, projects=projects, dns_zone="")
    check_cloud(Path("c"), dataclasses.replace(plan, platform=platform, systems=()))
