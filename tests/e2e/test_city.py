"""The life of a small city: previewed, made, changed, removed; one story, told in order."""

import json
from typing import Any

import pytest
from openstack.config import OpenStackConfig
from openstack.connection import Connection

pytestmark = [
    pytest.mark.e2e,
    # openstacksdk deprecates what it calls itself.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

SYSTEMS = ["inf-bas", "inf-log", "dat-rdb", "app-oa", "app-hal"]
STACKS = ["platform", *SYSTEMS]
NODES = {
    "inf-bas": {"yz-mgt-dsjj-bas-bastion-001": "10.50.0.10"},
    "inf-log": {"yz-mgt-dsjj-log-collector-001": "10.50.0.74"},
    "dat-rdb": {
        "yz-dat-dsjj-rdb-db-001": "10.40.0.10",
        "yz-dat-dsjj-rdb-db-002": "10.40.0.11",
    },
    "app-oa": {"yz-pub-szfb-oa-app-001": "10.20.0.10"},
    "app-hal": {"yz-int-zwfw-hal-web-001": "10.10.0.10"},
}


def connect(city: Any, entry: str) -> Connection:
    loader = OpenStackConfig(config_files=[str(city.clouds)], load_envvars=False)
    return Connection(config=loader.get_one(entry))


def outcomes(data: dict[str, Any]) -> dict[str, str]:
    return {system["id"]: system["outcome"] for system in data["systems"]}


def changed(data: dict[str, Any], system: str) -> list[str]:
    (found,) = [item for item in data["systems"] if item["id"] == system]
    return [
        f"{change['action']} {change['type'].rsplit(':', 1)[-1]} {change['name']}"
        for change in found["changes"]
    ]


def test_a_preview_from_nothing_shows_the_whole_city_and_writes_nothing(city: Any) -> None:
    data = city.run("preview").data
    assert outcomes(data) == dict.fromkeys(STACKS, "done")
    actions = {change["action"] for system in data["systems"] for change in system["changes"]}
    assert actions == {"create"}
    assert "create Instance yz-int-zwfw-hal-web-001" in changed(data, "app-hal")
    assert not (city.place / "pulumi").exists()
    assert not (city.place / "records").exists()
    assert city.run("preview", "--exit-code").exit_code == 8


def test_up_makes_every_node(city: Any) -> None:
    data = city.run("up", "--yes").data
    assert outcomes(data) == dict.fromkeys(STACKS, "done")
    nodes = {
        system["id"]: {node["name"]: node["address"] for node in system["nodes"]}
        for system in data["systems"]
        if system["nodes"]
    }
    assert nodes == NODES


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_system_lives_in_a_project_of_its_own(city: Any, system: str) -> None:
    with connect(city, system) as cloud:
        servers = {server.name: server for server in cloud.compute.servers()}
        assert set(servers) == set(NODES[system])
        for name, address in NODES[system].items():
            assert servers[name].status == "ACTIVE"
            assert servers[name].metadata["gov:system"] == system
            found = [
                item["addr"]
                for network in servers[name].addresses.values()
                for item in network
                if item["OS-EXT-IPS:type"] == "fixed"
            ]
            assert found == [address]


def test_the_databases_have_their_volumes_and_run_apart(city: Any) -> None:
    with connect(city, "dat-rdb") as cloud:
        volumes = {volume.name: volume for volume in cloud.block_storage.volumes()}
        assert {name: (v.status, v.size) for name, v in volumes.items()} == {
            "yz-dat-dsjj-rdb-db-001-data": ("in-use", 10),
            "yz-dat-dsjj-rdb-db-002-data": ("in-use", 10),
        }
    with connect(city, "platform") as cloud:
        servers = cloud.compute.servers(all_projects=True, name="yz-dat-dsjj-rdb-db")
        assert len({server.compute_host for server in servers}) == 2


def test_only_declared_paths_are_open(city: Any) -> None:
    with connect(city, "dat-rdb") as cloud:
        (group,) = [g for g in cloud.network.security_groups() if g.name == "yz-dat-rdb-db"]
        ingress = {
            (rule.remote_ip_prefix, rule.port_range_min)
            for rule in cloud.network.security_group_rules(security_group_id=group.id)
            if rule.direction == "ingress"
        }
    assert ingress == {
        ("10.50.0.10/32", 22),
        ("10.20.0.0/26", 5432),
        ("10.40.0.0/26", 5432),
    }
    with connect(city, "platform") as cloud:
        router = cloud.network.find_router("yz-router-int")
        assert {route["destination"] for route in router.routes} == {
            "10.20.0.0/16",
            "10.50.0.0/16",
        }


def test_a_system_can_use_no_more_than_was_planned(city: Any) -> None:
    with connect(city, "app-oa") as cloud:
        quota = cloud.compute.get_limits().absolute
        assert (quota.instances, quota.total_cores) == (1, 2)


def test_a_second_up_has_nothing_to_do_and_runs_nothing(city: Any) -> None:
    data = city.run("up", "--yes").data
    assert outcomes(data) == dict.fromkeys(STACKS, "unchanged")
    assert all(system["seconds"] == 0 for system in data["systems"])


def test_the_engine_too_finds_nothing_to_change(city: Any) -> None:
    data = city.run("up", "--yes", "--all").data
    assert outcomes(data) == dict.fromkeys(STACKS, "unchanged")
    assert all(system["seconds"] > 0 for system in data["systems"])


def test_status_tells_what_is_up_without_asking_the_cloud(city: Any) -> None:
    data = city.run("status").data
    assert {system["id"]: system["state"] for system in data["systems"]} == dict.fromkeys(
        STACKS, "up"
    )
    (bastion,) = [system for system in data["systems"] if system["id"] == "inf-bas"]
    assert bastion["nodes"][0]["floating_ip"].startswith("203.0.113.")


def test_outputs_tell_where_services_are(city: Any) -> None:
    (system,) = city.run("outputs", "dat-rdb").data["systems"]
    assert system["values"]["endpoints"] == {"postgresql": ["10.40.0.10:5432", "10.40.0.11:5432"]}


def test_no_secret_lies_in_records_or_state_in_clear(city: Any) -> None:
    secrets = set(json.loads((city.place / "passwords.json").read_text()).values())
    assert len(secrets) == len(SYSTEMS)
    for folder in ("pulumi", "records", "workspaces"):
        for path in (city.place / folder).rglob("*"):
            if path.is_file():
                text = path.read_text(errors="replace")
                assert not any(secret in text for secret in secrets), path


def test_the_real_cli_works_on_a_stack(city: Any) -> None:
    answer = city.text("pulumi", "data-service/dat-rdb", "--", "stack", "--show-urns")
    assert answer.exit_code == 0, answer.stderr
    assert "yz-dat-dsjj-rdb-db-002" in answer.stdout
    refreshed = city.text(
        "pulumi", "data-service/dat-rdb", "--", "refresh", "--yes", "--expect-no-changes"
    )
    assert refreshed.exit_code == 0, refreshed.stdout + refreshed.stderr


def test_a_larger_system_changes_itself_and_what_depends_on_its_size(city: Any) -> None:
    path = city.site / "systems" / "app-oa.yaml"
    path.write_text(path.read_text().replace("count: 1", "count: 2"))
    refused = city.run("up", "--yes")
    assert (refused.exit_code, refused.error["code"]) == (3, "addresses-missing")
    assert city.run("allocate").data["added"] == [
        {"place": "core/10.20.0.11", "holder": "yz-pub-szfb-oa-app-002"}
    ]
    preview = city.run("preview").data
    assert outcomes(preview) == {
        "platform": "done",
        "inf-bas": "unchanged",
        "inf-log": "unchanged",
        "dat-rdb": "unchanged",
        "app-oa": "done",
        "app-hal": "unchanged",
    }
    assert changed(preview, "platform") == [
        "update QuotaSetV2 yz-app-oa-compute",
        "update QuotaV2 yz-app-oa-network",
    ]
    data = city.run("up", "--yes").data
    assert sorted(changed(data, "app-oa")) == [
        "create Instance yz-pub-szfb-oa-app-002",
        "create Port yz-pub-szfb-oa-app-002",
    ]


def test_a_system_that_is_taken_out_of_the_site_is_removed(city: Any) -> None:
    (city.site / "systems" / "app-hal.yaml").unlink()
    path = city.site / "site.yaml"
    text = path.read_text()
    start = text.index("  - from: internet")
    path.write_text(text[:start] + text[text.index("  - from: dat-rdb") :])
    preview = city.run("preview").data
    assert "delete Instance yz-int-zwfw-hal-web-001" in changed(preview, "app-hal")
    data = city.run("up", "--yes").data
    assert "delete Project yz-app-hal" in changed(data, "platform")
    with connect(city, "platform") as cloud:
        assert cloud.identity.find_project("yz-app-hal") is None
        assert not list(cloud.compute.servers(all_projects=True, name="yz-int-zwfw-hal"))
    assert outcomes(city.run("up", "--yes").data) == dict.fromkeys(STACKS[:-1], "unchanged")


def test_down_of_one_system_takes_what_depends_on_it(city: Any) -> None:
    data = city.run("down", "--yes", "dat-rdb").data
    assert sorted(outcomes(data)) == ["app-oa", "dat-rdb"]
    states = {system["id"]: system["state"] for system in city.run("status").data["systems"]}
    assert states == {
        "platform": "up",
        "inf-bas": "up",
        "inf-log": "up",
        "dat-rdb": "absent",
        "app-oa": "absent",
    }


def test_down_leaves_nothing(city: Any) -> None:
    city.run("up", "--yes")
    assert set(outcomes(city.run("down", "--yes").data)) == set(STACKS[:-1])
    with connect(city, "platform") as cloud:
        assert not list(cloud.compute.servers(all_projects=True))
        assert not [p for p in cloud.identity.projects() if p.name.startswith("yz-")]
        assert not [n for n in cloud.network.networks() if n.name.startswith("yz-")]
        assert not [r for r in cloud.network.routers() if r.name.startswith("yz-")]
        assert not [f for f in cloud.compute.flavors() if f.name.startswith("yz-")]
        assert not list(cloud.block_storage.volumes(all_projects=True))
        assert not list(cloud.network.ips())
    assert city.run("down", "--yes").data["systems"] == []
