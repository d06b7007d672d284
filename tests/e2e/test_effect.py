"""What a run leaves alone, refuses, or does only when told so; a city that is not disposable."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from openstack.config import OpenStackConfig
from openstack.connection import Connection

pytestmark = [
    pytest.mark.e2e,
    # openstacksdk deprecates what it calls itself.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

FIRST, SECOND = "yz-dat-dsjj-rdb-db-001", "yz-dat-dsjj-rdb-db-002"


def connect(city: Any, entry: str) -> Connection:
    loader = OpenStackConfig(config_files=[str(city.clouds)], load_envvars=False)
    return Connection(config=loader.get_one(entry))


def outcomes(data: dict[str, Any]) -> dict[str, str]:
    return {system["id"]: system["outcome"] for system in data["systems"]}


def image_of(content: bytes, city: Any) -> None:
    """Have all nodes be declared with an image of this content."""
    file = Path(city.site, "images", "linux.img")
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    path = city.site / "environments" / "sandbox.yaml"
    sha256 = hashlib.sha256(content).hexdigest()
    path.write_text(re.sub("sha256: [0-9a-f]+", f"sha256: {sha256}", path.read_text()))


def servers(city: Any) -> dict[str, tuple[str, str]]:
    """Return id and image of each database."""
    with connect(city, "dat-rdb") as cloud:
        return {each.name: (each.id, each.image.id) for each in cloud.compute.servers()}


def test_a_system_is_refused_while_what_it_needs_is_not_there(city: Any) -> None:
    path = city.site / "environments" / "sandbox.yaml"
    text = path.read_text().replace("disposable: true", "disposable: false")
    file = "cloud_name: null\n        file: images/linux.img\n        sha256: 0\n"
    text = text.replace("cloud_name: debian-12\n", f"{file}        disk_format: raw\n")
    path.write_text(text)
    image_of(b"one" * 1000, city)
    error = city.run("up", "--yes", "app-oa").error
    assert (error["code"], error["message"]) == (
        "changes-pending",
        "not all that is needed is as declared: dat-rdb is not there yet",
    )
    data = city.run("up", "--yes", "--with-dependencies", "app-oa").data
    assert outcomes(data) == dict.fromkeys(["platform", "dat-rdb", "app-oa"], "done")


def test_an_image_is_changed_by_rebuild_alone(city: Any) -> None:
    before = servers(city)
    image_of(b"two" * 1000, city)
    assert city.run("rebuild", "--yes", "dat-rdb").error["code"] == "changes-pending"
    assert city.run("up", "--yes", "dat-rdb").exit_code == 0
    assert servers(city) == before
    (note,) = city.run("status").envelope["notes"]
    assert re.fullmatch(
        r"nodes born from linux-\w{8}, where linux-\w{8} is declared: dat-rdb \(2\), app-oa \(1\); "
        "to change them: govstack rebuild dat-rdb",
        note["text"],
    )
    data = city.run("rebuild", "--yes", "dat-rdb").data
    assert [(node["name"], node["outcome"]) for node in data["nodes"]] == [
        (FIRST, "done"),
        (SECOND, "done"),
    ]
    after = servers(city)
    assert {name: id_ for name, (id_, _) in after.items()} == {
        name: id_ for name, (id_, _) in before.items()
    }
    assert {image for _, image in after.values()}.isdisjoint({i for _, i in before.values()})
    assert city.run("rebuild", "--yes", "dat-rdb").data["nodes"] == []


def test_state_and_record_know_what_was_rebuilt(city: Any) -> None:
    assert city.run("explain", "--why", "dat-rdb").data["systems"][0]["stand"] == "unchanged"
    data = city.run("up", "--yes", "--all", "dat-rdb").data
    assert outcomes(data) == {"platform": "unchanged", "dat-rdb": "unchanged"}


def test_what_changes_nothing_in_the_cloud_is_recorded_all_the_same(city: Any) -> None:
    path = city.site / "systems" / "dat-rdb.yaml"
    offer = "offers:\n  ssh: {role: db, port: tcp/22}\n"
    path.write_text(path.read_text().replace("offers:\n", offer))
    (reason,) = city.run("explain", "--why", "dat-rdb").data["systems"]
    assert reason["parts"] == ["endpoints"]
    assert not any(system["changes"] for system in city.run("preview", "dat-rdb").data["systems"])
    assert city.run("up", "--yes", "dat-rdb").exit_code == 0
    (system,) = city.run("outputs", "dat-rdb").data["systems"]
    assert system["values"]["endpoints"]["ssh"] == ["10.40.0.10:22", "10.40.0.11:22"]
    assert city.run("explain", "--why", "dat-rdb").data["systems"][0]["stand"] == "unchanged"


def test_more_losses_than_allowed_are_refused_before_anything_runs(city: Any) -> None:
    path = city.site / "systems" / "dat-rdb.yaml"
    path.write_text(path.read_text().replace("count: 2", "count: 1"))
    before = servers(city)
    (reason,) = city.run("explain", "--why", "dat-rdb").data["systems"]
    assert reason["parts"] == [
        "project.quota",
        "nodes",
        "endpoints",
    ]
    error = city.run("up", "--yes", "--allow-delete", "1", "dat-rdb").error
    assert error["code"] == "deletes"
    assert f"1 may: dat-rdb: {SECOND}, dat-rdb: {SECOND}-data" in error["message"]
    assert servers(city) == before
    assert outcomes(city.run("up", "--yes", "dat-rdb").data)["dat-rdb"] == "done"
    assert set(servers(city)) == {FIRST}


def test_a_project_with_something_of_others_is_not_removed(city: Any) -> None:
    with connect(city, "platform") as admin, connect(city, "app-oa") as cloud:
        admin.network.update_quota(cloud.current_project_id, ports=50)
        (network,) = cloud.network.networks(project_id=cloud.current_project_id)
        port = cloud.network.create_port(network_id=network.id, name="theirs")
        error = city.run("down", "--yes", "--destroy-data", "app-oa").error
        assert (error["code"], error["message"]) == (
            "strangers",
            "what is to go holds 1 things that govstack did not make: port theirs in app-oa",
        )
        cloud.network.delete_port(port)


def test_data_go_only_when_they_are_to_be_destroyed(city: Any) -> None:
    assert city.run("down", "--yes", "dat-rdb").error["code"] == "protected"
    data = city.run("down", "--yes", "--destroy-data").data
    assert outcomes(data) == dict.fromkeys(["platform", "dat-rdb", "app-oa"], "done")
    with connect(city, "platform") as cloud:
        assert not list(cloud.compute.servers(all_projects=True))
        assert not list(cloud.block_storage.volumes(all_projects=True))
        assert not [p for p in cloud.identity.projects() if p.name.startswith("yz-")]
