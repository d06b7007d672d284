"""The reference city, all of it: three layers, services that are used, and nothing left over."""

import dataclasses
import json
import socket
import struct
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from openstack.config import OpenStackConfig
from openstack.connection import Connection
from openstack.exceptions import SDKException

from govstack.sandbox import lacking

pytestmark = [
    pytest.mark.e2e,
    # openstacksdk deprecates what it calls itself.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

NODES = 21
SYSTEMS = 19


def connect(city: Any, entry: str) -> Connection:
    loader = OpenStackConfig(config_files=[str(city.clouds)], load_envvars=False)
    return Connection(config=loader.get_one(entry))


def outcomes(data: dict[str, Any]) -> set[str]:
    return {system["outcome"] for system in data["systems"]}


def changes(data: dict[str, Any]) -> dict[str, list[str]]:
    """Return what was done, by system; systems that nothing was done to are left out."""
    return {
        system["id"]: sorted(
            f"{change['action']} {change['type'].rsplit(':', 1)[-1]} {change['name']}"
            for change in system["changes"]
        )
        for system in data["systems"]
        if system["changes"]
    }


def answer_of(port: int, name: str) -> str:
    """Ask the cloud's name server for the address of a name."""
    labels = b"".join(bytes((len(label),)) + label.encode() for label in name.split("."))
    question = struct.pack(">6H", 1, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(10)
        asking.sendto(question, ("127.0.0.1", port))
        return socket.inet_ntoa(asking.recv(512)[-4:])


def edit(city: Any, file: str, old: str, new: str) -> None:
    path = city.site / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} has no {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_up_brings_the_whole_city_to_life(whole: Any) -> None:
    data = whole.run("up", "--yes").data
    assert outcomes(data) == {"done"}
    assert len(data["systems"]) == SYSTEMS + 1
    assert sum(len(system["nodes"]) for system in data["systems"]) == NODES
    with connect(whole, "platform") as cloud:
        servers = list(cloud.compute.servers(all_projects=True))
        assert {server.status for server in servers} == {"ACTIVE"}
        assert len(servers) == NODES


def test_every_path_is_open_or_closed_as_the_site_says_it(whole: Any) -> None:
    """On packets, from inside every host; entries without hosts cannot be asked."""
    if lacks := lacking(whole.place):
        pytest.skip(f"servers cannot be hosts here: {lacks}")
    data = whole.run("verify").data
    assert (data["hosts"], data["findings"], data["unasked"]) == (NODES, [], [])
    assert data["tried"]["paths"] > NODES * (NODES - 1) * 8


def test_a_second_up_runs_nothing(whole: Any) -> None:
    data = whole.run("up", "--yes").data
    assert outcomes(data) == {"unchanged"}
    assert all(system["seconds"] == 0 for system in data["systems"])


def test_the_cloud_is_what_the_engine_remembers(whole: Any) -> None:
    """A refresh of every stack finds nothing that has changed."""
    stacks = [
        f"{path.parent.name}/{path.stem}"
        for path in (whole.place / "pulumi" / ".pulumi" / "stacks").glob("*/*.json")
    ]
    assert len(stacks) == SYSTEMS + 1

    def refresh(stack: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            whole.command("pulumi", stack, "--", "refresh", "--yes", "--expect-no-changes"),
            env=whole.variables,
            capture_output=True,
            text=True,
            check=False,
        )

    for stack in stacks:
        done = refresh(stack)
        assert done.returncode == 0, f"{stack}\n{done.stdout}{done.stderr}"


def test_departments_are_parents_and_may_look_at_their_projects(whole: Any) -> None:
    with connect(whole, "platform") as cloud:
        projects = {project.name: project for project in cloud.identity.projects()}
        parent = projects["yz-scjg"]
        assert projects["yz-app-mkt"].parent_id == parent.id
        group = cloud.identity.find_group("yz-scjg")
        assigned = [
            assignment.scope["project"]["id"]
            for assignment in cloud.identity.role_assignments(group_id=group.id)
        ]
        assert assigned == [projects["yz-app-mkt"].id]


def test_names_of_services_are_answered(whole: Any) -> None:
    with connect(whole, "platform") as cloud:
        (zone,) = [zone for zone in cloud.dns.zones() if zone.name == "yunzhou.example."]
        records = {
            record.name: sorted(record.records)
            for record in cloud.dns.recordsets(zone)
            if record.type == "A"
        }
    status = whole.run("sandbox", "status").data
    assert status["dns_domain"] == "yunzhou.example"
    (address,) = records["https.app-oa.yunzhou.example."]
    assert answer_of(status["dns_port"], "https.app-oa.yunzhou.example") == address
    outputs = whole.run("outputs").data["systems"]
    expected = {
        f"{service}.{system['id']}.yunzhou.example.": sorted(
            {address.rsplit(":", 1)[0] for address in addresses}
        )
        for system in outputs
        for service, addresses in system["values"].get("endpoints", {}).items()
    }
    assert records == expected
    assert "postgresql.dat-rdb.yunzhou.example." in records


def test_a_user_of_the_database_finds_its_password_in_its_own_project(whole: Any) -> None:
    passwords = json.loads((whole.place / "passwords.json").read_text())
    with connect(whole, "app-oa") as cloud:
        found = {secret.name: secret for secret in cloud.key_manager.secrets()}
        secret = found["yz-app-oa-dat-rdb-postgresql"]
        kept = cloud.key_manager.get_secret(secret.secret_id)
    assert kept.payload == passwords["app-oa>dat-rdb.postgresql"]
    with connect(whole, "app-mkt") as cloud:
        others = {secret.name for secret in cloud.key_manager.secrets()}
    assert "yz-app-oa-dat-rdb-postgresql" not in others


def test_only_users_of_a_container_get_at_its_objects(whole: Any) -> None:
    with connect(whole, "dat-obj") as owner:
        url = owner.object_store.get_endpoint()
        name = "yz-dat-obj-archive"
        headers = owner.object_store.head(f"{url}/{name}").headers
        assert headers["X-Container-Meta-Quota-Bytes"] == str(200 * 1024**3)
        assert headers["X-Versions-Enabled"] == "True"
    with connect(whole, "inf-log") as user:
        stored = user.object_store.put(f"{url}/{name}/day-1", data=b"log")
        assert stored.status_code == 201
        assert user.object_store.get(f"{url}/{name}/day-1").content == b"log"
        user.object_store.delete(f"{url}/{name}/day-1")
    with connect(whole, "app-mkt") as stranger:
        assert stranger.object_store.get(f"{url}/{name}/day-1").status_code == 403


def test_an_access_to_containers_is_good_for_nothing_but_that_project(whole: Any) -> None:
    passwords = json.loads((whole.place / "passwords.json").read_text())
    with connect(whole, "inf-log") as cloud:
        auth_url = cloud.config.get_auth_args()["auth_url"]
        user = cloud.current_user_id
        project = cloud.current_project_id
    access = Connection(
        auth_type="v3applicationcredential",
        auth={
            "auth_url": auth_url,
            "user_id": user,
            "application_credential_name": "yz-inf-log-objects",
            "application_credential_secret": passwords["inf-log>object-store"],
        },
        region_name="RegionOne",
    )
    with access:
        assert access.current_project_id == project
        with pytest.raises(SDKException):
            list(access.identity.projects())


def test_important_data_lie_on_an_encrypted_type(whole: Any) -> None:
    with connect(whole, "dat-rdb") as cloud:
        volumes = list(cloud.block_storage.volumes())
        assert {volume.volume_type for volume in volumes} == {"encrypted"}
        assert {volume.status for volume in volumes} == {"in-use"}
        assert {volume.metadata["gov:backup-policy"] for volume in volumes} == {"hourly"}


def test_the_public_comes_by_the_balancers_alone(whole: Any) -> None:
    with connect(whole, "app-hal") as cloud:
        (group,) = [g for g in cloud.network.security_groups() if g.name == "yz-app-hal-web"]
        https = {
            rule.remote_ip_prefix
            for rule in cloud.network.security_group_rules(security_group_id=group.id)
            if rule.port_range_min == 443
        }
        assert not list(cloud.network.ips())
    nodes = {
        node["address"]
        for system in whole.run("status").data["systems"]
        if system["id"] == "sup-lbs"
        for node in system["nodes"]
    }
    assert https == {f"{address}/32" for address in nodes}


def secrets_of(city: Any) -> set[str]:
    """All passwords, and what opens the state."""
    passwords = json.loads((city.place / "passwords.json").read_text()).values()
    return {*passwords, (city.place / "passphrase").read_text().strip()}


def clear_in(paths: Iterable[Path], secrets: set[str]) -> set[Path]:
    """Return the files in which a secret can be read."""
    found = set()
    for path in paths:
        # Processes end while they are looked at.
        with suppress(OSError):
            content = path.read_bytes().decode(errors="replace")
            if any(secret in content for secret in secrets):
                found.add(path)
    return found


def test_a_system_gets_new_passwords_and_nobody_sees_them(whole: Any) -> None:
    before = json.loads((whole.place / "passwords.json").read_text())
    running = subprocess.Popen(
        whole.command("--verbose", "secrets", "rotate", "--passwords", "inf-log", "--yes"),
        env=whole.variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    seen: set[Path] = set()
    while running.poll() is None:
        processes = (path for path in Path("/proc").iterdir() if path.name.isdecimal())
        files = (path / name for path in processes for name in ("cmdline", "environ"))
        seen |= clear_in(files, secrets_of(whole))
    printed = running.communicate()[0]
    assert running.returncode == 0, printed
    assert seen == set()
    assert not any(secret in printed for secret in secrets_of(whole))
    after = json.loads((whole.place / "passwords.json").read_text())
    changed = {"yz-inf-log-svc", "inf-log>object-store"}
    assert {key for key in after if after[key] != before[key]} == changed
    with connect(whole, "inf-log") as cloud:
        (secret,) = cloud.key_manager.secrets(name="yz-inf-log-object-store")
        kept = cloud.key_manager.get_secret(secret.secret_id)
        assert kept.payload == after["inf-log>object-store"]
        auth = {**cloud.config.get_auth_args(), "password": before["yz-inf-log-svc"]}
    with pytest.raises(SDKException):
        Connection(auth=auth, region_name="RegionOne").authorize()
    assert outcomes(whole.run("up", "--yes").data) == {"unchanged"}


def test_no_secret_lies_anywhere_in_clear_but_in_its_file(whole: Any) -> None:
    secrets = secrets_of(whole)
    assert len(secrets) > SYSTEMS
    # The embedded cloud is the other side: it must know what it is asked with.
    files = (
        path
        for path in whole.place.rglob("*")
        if path.is_file() and not path.is_relative_to(whole.place / "cloud")
    )
    found = {path.relative_to(whole.place).as_posix() for path in clear_in(files, secrets)}
    assert found == {"passwords.json", "passphrase", "clouds.yaml"}
    for verb in (
        "status",
        "outputs",
        "plan",
        "preview",
        "inventory --allow-stale",
        "certificates list",
    ):
        told = whole.run(*verb.split())
        assert told.exit_code == 0, told.stdout
        assert not any(secret in told.stdout + told.stderr for secret in secrets), verb


class TestChangesDoOnlyWhatTheyMust:
    def test_a_system_is_added(self, whole: Any) -> None:
        text = (whole.site / "systems" / "app-ioc.yaml").read_text(encoding="utf-8")
        text = text.replace("id: app-ioc", "id: app-new").partition("\nuses:")[0]
        (whole.site / "systems" / "app-new.yaml").write_text(text + "\n", encoding="utf-8")
        whole.run("allocate")
        data = whole.run("up", "--yes").data
        assert set(changes(data)) == {"platform", "app-new"}
        assert {line.split()[0] for line in changes(data)["app-new"]} == {"create"}
        assert {line.split()[-1][:10] for line in changes(data)["platform"]} == {"yz-app-new"}

    def test_it_is_resized(self, whole: Any) -> None:
        edit(whole, "systems/app-new.yaml", "count: 1", "count: 2")
        whole.run("allocate")
        data = changes(whole.run("up", "--yes").data)
        assert set(data) == {"platform", "app-new"}
        assert data["app-new"] == [
            "create Instance yz-pub-szfb-new-app-002",
            "create Port yz-pub-szfb-new-app-002",
            "update RecordSet app-new-https",
        ]
        assert {line.split()[1] for line in data["platform"]} <= {
            *("QuotaSetV2", "QuotaV2", "QuoteSetV3")
        }

    def test_its_nodes_get_another_flavor(self, whole: Any) -> None:
        edit(whole, "systems/app-new.yaml", "flavor: app", "flavor: web")
        data = changes(whole.run("up", "--yes").data)
        assert data["app-new"] == [
            "update Instance yz-pub-szfb-new-app-001",
            "update Instance yz-pub-szfb-new-app-002",
        ]
        assert set(data) == {"platform", "app-new"}

    def test_it_is_renamed_and_moves_to_another_layer(self, whole: Any) -> None:
        moved = whole.run("moved", "app-new", "app-view", "--layer", "data-service", "--yes")
        assert moved.exit_code == 0, moved.stdout
        foreseen = changes(whole.run("preview").data)
        done = whole.run("up", "--yes").data
        assert changes(done) == foreseen
        assert set(foreseen) == {"platform", "app-view"}
        kinds = {line.split()[0] for lines in foreseen.values() for line in lines}
        assert kinds <= {"update", "replace"}, "nothing is made anew"
        assert not any("Instance" in line and "update" not in line for line in foreseen["app-view"])
        assert outcomes(whole.run("up", "--yes").data) == {"unchanged"}

    def test_a_flow_is_added_and_taken_away(self, whole: Any) -> None:
        before = (whole.site / "site.yaml").read_text(encoding="utf-8")
        flow = "\n  - {from: app-view, to: app-oa/app, ports: [tcp/9443], purpose: 试用}\n"
        (whole.site / "site.yaml").write_text(before.rstrip() + flow, encoding="utf-8")
        opened = changes(whole.run("up", "--yes").data)
        assert set(opened) == {"platform", "app-oa"}
        assert [line.split()[:2] for line in opened["app-oa"]] == [["create", "SecGroupRule"]]
        assert {line.split()[1] for line in opened["platform"]} == {"QuotaV2"}
        (whole.site / "site.yaml").write_text(before, encoding="utf-8")
        closed = changes(whole.run("up", "--yes").data)
        assert [line.split()[:2] for line in closed["app-oa"]] == [["delete", "SecGroupRule"]]

    def test_it_is_removed(self, whole: Any) -> None:
        (whole.site / "systems" / "app-view.yaml").unlink()
        data = changes(whole.run("up", "--yes").data)
        assert set(data) == {"platform", "app-view"}
        assert {line.split()[0] for line in data["app-view"]} == {"delete"}
        assert "delete Project yz-app-new" in data["platform"]
        assert outcomes(whole.run("up", "--yes").data) == {"unchanged"}


def test_down_leaves_nothing(whole: Any) -> None:
    assert outcomes(whole.run("down", "--yes").data) == {"done"}
    with connect(whole, "platform") as cloud:
        assert not list(cloud.compute.servers(all_projects=True))
        assert not [p for p in cloud.identity.projects() if p.name.startswith("yz-")]
        assert not [g for g in cloud.identity.groups() if g.name.startswith("yz-")]
        assert not [n for n in cloud.network.networks() if n.name.startswith("yz-")]
        assert not list(cloud.block_storage.volumes(all_projects=True))
        assert not list(cloud.dns.zones(all_projects=True))


def test_medium_previews_from_nothing(whole: Any) -> None:
    whole.run("sandbox", "stop")
    medium = dataclasses.replace(whole, environment="medium")
    try:
        data = medium.run("preview").data
        nodes = sum(
            change["type"].endswith(":Instance")
            for system in data["systems"]
            for change in system["changes"]
        )
        assert (len(data["systems"]), nodes) == (38, 154)
        assert outcomes(data) == {"done"}
        assert not (medium.place / "records").exists()
    finally:
        medium.run("sandbox", "remove", "--yes")
