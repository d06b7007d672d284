"""A site that uses every key, on a cloud that has something already, which stays as it is."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from openstack.config import OpenStackConfig
from openstack.connection import Connection

pytestmark = [
    pytest.mark.e2e,
    # openstacksdk deprecates what it calls itself.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

ENVIRONMENT = """\
profile: sandbox
disposable: true
capabilities: {{load_balancer: octavia}}
site:
  catalog:
    flavors:
      known: {{cloud_id: {flavor}}}
    images:
      known: {{cloud_id: {image}}}
    volume_types:
      secret: {{cloud_name: encrypted}}
systems:
  database:
    shares: null
  office:
    networks:
      PUB: {{cloud_id: {network}}}
"""


def connect(city: Any, entry: str) -> Connection:
    loader = OpenStackConfig(config_files=[str(city.clouds)], load_envvars=False)
    return Connection(config=loader.get_one(entry))


def administrator(city: Any) -> Connection:
    file = city.run("sandbox", "status").data["clouds"]
    loader = OpenStackConfig(config_files=[file], load_envvars=False)
    return Connection(config=loader.get_one("govstack-sandbox"))


def seen(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what the cloud says of things, but for when they were last looked at."""
    plain = {key: thing.to_dict() for key, thing in found.items()}
    volatile = {"updated_at", "revision_number", "location"}
    return {
        key: {name: value for name, value in fields.items() if name not in volatile}
        for key, fields in plain.items()
    }


def adopted(cloud: Connection) -> dict[str, Any]:
    return {
        "flavor": cloud.compute.find_flavor("old.small"),
        "router": cloud.network.find_router("backbone"),
        "project": cloud.identity.find_project("old-office"),
        "network": cloud.network.find_network("old-office"),
        "image": cloud.image.find_image("debian-12"),
        "volume type": cloud.block_storage.find_type("encrypted"),
    }


@pytest.fixture(scope="module")
def before(everything: Any) -> Iterator[dict[str, Any]]:
    """What is in the cloud before govstack comes."""
    (everything.site / "environments" / "sandbox.yaml").write_text(
        ENVIRONMENT.format(flavor="f", image="i", network="n"), encoding="utf-8"
    )
    assert everything.run("sandbox", "start").exit_code == 0
    with administrator(everything) as cloud:
        cloud.compute.create_flavor(name="old.small", vcpus=2, ram=1024, disk=10)
        cloud.network.create_router(name="backbone", description="older than govstack")
        project = cloud.identity.create_project(name="old-office", description="theirs")
        network = cloud.network.create_network(name="old-office", project_id=project.id)
        cloud.network.create_subnet(
            network_id=network.id,
            project_id=project.id,
            ip_version=4,
            cidr="10.20.0.0/26",
            enable_dhcp=False,
        )
        found = adopted(cloud)
        found["quota"] = cloud.compute.get_quota_set(project)
        (everything.site / "environments" / "sandbox.yaml").write_text(
            ENVIRONMENT.format(
                flavor=found["flavor"].id, image=found["image"].id, network=network.id
            ),
            encoding="utf-8",
        )
        yield seen(found)


def outcomes(data: dict[str, Any]) -> set[str]:
    return {system["outcome"] for system in data["systems"]}


def test_all_of_it_comes_up(everything: Any, before: dict[str, Any]) -> None:
    data = everything.run("up", "--yes").data
    assert outcomes(data) == {"done"}, before
    assert outcomes(everything.run("up", "--yes").data) == {"unchanged"}
    assert outcomes(everything.run("up", "--yes", "--all").data) == {"unchanged"}


def test_what_was_there_is_used_and_stays_as_it_was(
    everything: Any, before: dict[str, Any]
) -> None:
    with administrator(everything) as cloud:
        found = adopted(cloud)
        (server,) = cloud.compute.servers(all_projects=True, name="ev-pub-north-office-app-001")
        port = next(iter(cloud.network.ports(device_id=server.id)))
        assert server.project_id == found["project"].id
        assert port.network_id == found["network"].id
        assert [address["ip_address"] for address in port.fixed_ips] == ["10.20.0.10"]
        found["quota"] = cloud.compute.get_quota_set(found["project"])
        assert seen(found) == before


def test_the_balancer_of_the_cloud_knows_its_members(everything: Any) -> None:
    with connect(everything, "portal") as cloud:
        (balancer,) = cloud.load_balancer.load_balancers()
        (listener,) = cloud.load_balancer.listeners()
        (pool,) = cloud.load_balancer.pools()
        members = list(cloud.load_balancer.members(pool))
        (monitor,) = cloud.load_balancer.health_monitors()
        (address,) = cloud.network.ips()
        assert balancer.provisioning_status == "ACTIVE"
        assert (balancer.name, balancer.vip_address) == (
            "ev-int-south-portal-https-vip",
            "10.10.0.76",
        )
        assert (listener.protocol_port, sorted(listener.allowed_cidrs)) == (
            443,
            ["0.0.0.0/0", "10.20.0.0/26"],
        )
        assert sorted(member.address for member in members) == ["10.10.0.74", "10.10.0.75"]
        assert monitor.type == "TCP"
        assert address.port_id == balancer.vip_port_id


def test_an_exchange_node_has_a_port_in_the_private_zone(everything: Any) -> None:
    with connect(everything, "gap") as cloud:
        (server,) = cloud.compute.servers()
        addresses = sorted(
            address["addr"] for network in server.addresses.values() for address in network
        )
    assert addresses == ["10.20.0.10", "10.60.0.10"]


def test_a_file_is_an_image_named_by_its_content(everything: Any) -> None:
    with administrator(everything) as cloud:
        (image,) = [i for i in cloud.image.images() if i.name.startswith("ev-file-")]
        assert (image.status, image.os_distro) == ("active", "openeuler")
        servers = cloud.compute.servers(all_projects=True, name="ev-dat-north-database")
        assert {server.image.id for server in servers} == {image.id}


def test_another_content_under_the_same_digest_is_refused(everything: Any) -> None:
    path = everything.site / "images" / "tiny.img"
    kept = path.with_suffix(".kept")
    shutil.copy(path, kept)
    path.write_text("something else")
    try:
        refused = everything.run("up", "--yes", "--all")
        assert refused.error["code"] == "catalog"
        assert "is not what the site says" in refused.error["message"]
    finally:
        kept.rename(path)


def test_down_leaves_what_was_there_before(everything: Any, before: dict[str, Any]) -> None:
    assert outcomes(everything.run("down", "--yes").data) == {"done"}
    with administrator(everything) as cloud:
        found = adopted(cloud)
        found["quota"] = cloud.compute.get_quota_set(found["project"])
        assert seen(found) == before
        assert not list(cloud.compute.servers(all_projects=True))
        assert not list(cloud.load_balancer.load_balancers())
        assert not [p for p in cloud.identity.projects() if p.name.startswith("ev-")]
