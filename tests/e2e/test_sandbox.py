"""The embedded cloud itself: real services, in folders of their own, from the user's cache."""

import os
import re
import secrets
import signal
import socket
import stat
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openstack
import pytest

from govstack import sandbox
from govstack.sandbox import OPTIONAL, CloudState, ServiceStatus
from govstack.sandbox.environment import environment_of
from govstack.values.observer import Event, StepAdvanced
from govstack.values.secret import Secret
from govstack_cli.settings import cache_home

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(600),
    # The SDK's own deprecations, and its sockets, which it closes when it is collected
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SERVICES = ("keystone", "placement", "glance", "neutron", "nova", "cinder")
MEMORY_MB = 1024
LATER_START_SECONDS = 60
"""The budget on a quiet machine is 15; a busy one may take longer."""
RESET_SECONDS = 90
"""As above: 30."""
ADD_SECONDS = 60
"""As above: 10."""
OPTIONAL_MEMORY_MB = 200
"""Of each optional service; the budget of the core is told apart from theirs."""


@dataclass
class Recorder:
    events: list[Event] = field(default_factory=list)

    def notify(self, event: Event) -> None:
        self.events.append(event)


@dataclass
class Cloud:
    """A cloud in a folder of its own."""

    root: Path
    observer: Recorder = field(default_factory=Recorder)
    members: dict[str, str] = field(default_factory=dict)

    def start(self, *services: str) -> None:
        sandbox.start(self.root, self.observer, cache=cache_home(), services=services)

    def stop(self) -> None:
        sandbox.stop(self.root, self.observer)

    def reset(self) -> None:
        sandbox.reset(self.root, self.observer, cache=cache_home())

    def service(self, name: str) -> ServiceStatus:
        return next(one for one in sandbox.status(self.root).services if one.name == name)

    def processes(self) -> list[int]:
        """Return all processes that work on this cloud."""
        return [int(path.name) for path in Path("/proc").glob("[0-9]*") if self._works_here(path)]

    def _works_here(self, process: Path) -> bool:
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return b"govstack_sandbox" in words and os.fsencode(self.root) in words

    @property
    def password(self) -> str:
        auth = sandbox.connection(self.root).entry["auth"]
        assert isinstance(auth, dict)
        assert isinstance(auth["password"], Secret)
        return auth["password"].reveal()

    def connect(self, **other: str) -> openstack.connection.Connection:
        auth = sandbox.connection(self.root).entry["auth"]
        assert isinstance(auth, dict)
        return openstack.connect(
            load_yaml_config=False,
            load_envvars=False,
            auth={**auth, "password": self.password, **other},
            region_name="RegionOne",
        )

    def member(self, name: str) -> openstack.connection.Connection:
        """Connect as a plain member of a project of its own, made at the first call."""
        if name not in self.members:
            self.members[name] = secrets.token_urlsafe(16)
            with self.connect() as admin:
                identity = admin.identity
                project = identity.create_project(name=name)
                user = identity.create_user(name=name, password=self.members[name])
                role = identity.find_role("member", ignore_missing=False)
                identity.assign_project_role_to_user(project, user, role)
        return self.connect(username=name, password=self.members[name], project_name=name)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    made = Cloud(tmp_path_factory.mktemp("sandbox") / "cloud")
    made.start()
    yield made
    sandbox.remove(made.root, made.observer)
    assert made.processes() == []


def test_a_server_becomes_active_right_after_the_start(cloud: Cloud) -> None:
    with cloud.connect() as client:
        network = client.network.create_network(name="office")
        client.network.create_subnet(network_id=network.id, cidr="10.1.0.0/24", ip_version=4)
        server = _create_server(client, "first", network.id)

        assert server.status == "ACTIVE"
        assert server.compute_host in {"compute-1", "compute-2", "compute-3"}
        (port,) = client.network.ports(device_id=server.id)
        assert port.status == "ACTIVE"


def test_everything_runs_and_keeps_to_its_budget(cloud: Cloud) -> None:
    found = sandbox.status(cloud.root)

    assert found.state is CloudState.RUNNING
    assert tuple(service.name for service in found.services) == SERVICES
    assert {service.state for service in found.services} == {CloudState.RUNNING}
    assert {service.restarts for service in found.services} == {0}
    assert 0 < found.memory_mb <= MEMORY_MB
    told = [event.detail for event in cloud.observer.events if isinstance(event, StepAdvanced)]
    assert {f"{service} is ready" for service in SERVICES} <= set(told)


def test_a_new_cloud_has_what_sites_start_from(cloud: Cloud) -> None:
    with cloud.connect() as client:
        roles = {role.name for role in client.identity.roles()}
        images = {image.name: image.status for image in client.image.images()}
        (public,) = client.network.networks(is_router_external=True)
        (subnet,) = client.network.subnets(network_id=public.id)
        flavors = {flavor.name for flavor in client.compute.flavors()}
        groups = list(client.network.security_group_rules())

        assert {"admin", "member", "reader"} <= roles
        assert images == {
            "debian-12": "active",
            "ubuntu-24.04": "active",
            "openeuler-24.03": "active",
        }
        assert (public.name, subnet.cidr) == ("public", "203.0.113.0/24")
        assert flavors == {"m1.tiny", "m1.small", "m1.medium", "m1.large"}
        assert [kind.name for kind in client.block_storage.types()].count("standard") == 1
        assert {rule.direction for rule in groups} == {"egress", "ingress"}


def test_volumes_are_attached_copied_and_detached(cloud: Cloud) -> None:
    with cloud.connect() as client:
        storage = client.block_storage
        (server,) = client.compute.servers(name="first")
        volume = _available(storage, storage.create_volume(name="data", size=1))
        client.compute.create_volume_attachment(server, volume_id=volume.id)
        storage.wait_for_status(volume, "in-use", interval=0.2, wait=30)
        snapshot = storage.create_snapshot(volume_id=volume.id, is_forced=True)
        _available(storage, snapshot)
        copy = _available(storage, storage.create_volume(size=1, snapshot_id=snapshot.id))
        client.compute.delete_volume_attachment(server, volume)
        _available(storage, volume)
        storage.delete_snapshot(snapshot)
        storage.wait_for_delete(snapshot, interval=0.2, wait=30)
        storage.delete_volume(copy)
        storage.wait_for_delete(copy, interval=0.2, wait=30)

        folders = [path.name for path in (cloud.root / "data" / "volumes").iterdir()]
        assert folders == [volume.id]
        assert "ERROR nova.virt.block_device" not in (cloud.root / "log/nova.log").read_text()


def test_an_encrypted_volume_is_attached(cloud: Cloud) -> None:
    with cloud.connect() as client:
        storage = client.block_storage
        (server,) = client.compute.servers(name="first")
        kind = storage.find_type("encrypted", ignore_missing=False)
        encryption = storage.get_type_encryption(kind)
        volume = storage.create_volume(name="files", size=1, volume_type="encrypted")
        volume = _available(storage, volume)
        client.compute.create_volume_attachment(server, volume_id=volume.id)
        attached = storage.wait_for_status(volume, "in-use", interval=0.2, wait=30)

        assert (encryption.provider, encryption.cipher) == ("luks", "aes-xts-plain64")
        assert (encryption.key_size, encryption.control_location) == (256, "front-end")
        assert attached.is_encrypted
        client.compute.delete_volume_attachment(server, volume)
        image = client.image.find_image("debian-12", ignore_missing=False).id
        sources: tuple[dict[str, str], ...] = ({"source_volume_id": volume.id}, {"image_id": image})
        _available(storage, volume)
        volumes = [volume]
        for source in sources:
            made = storage.create_volume(size=1, volume_type="encrypted", **source)
            volumes.append(_available(storage, made))
        assert [one.is_encrypted for one in volumes[1:]] == [True, True]
        for one in volumes:
            storage.delete_volume(one)
            storage.wait_for_delete(one, interval=0.2, wait=30)


def test_an_upload_leaves_its_connection_usable(cloud: Cloud) -> None:
    with cloud.connect() as client:
        for number in range(3):
            image = client.image.create_image(
                f"upload-{number}", data=b"x" * 65_536, disk_format="raw", container_format="bare"
            )
            assert client.image.get_image(image.id).size == 65_536
            client.image.delete_image(image.id)


def test_the_ordinary_client_works_with_the_clouds_file(cloud: Cloud) -> None:
    done = subprocess.run(
        [sandbox.openstack_client(cache_home()), "server", "list", "-f", "value", "-c", "Name"],
        env={
            "PATH": os.environ["PATH"],
            "HOME": os.environ["HOME"],
            "OS_CLIENT_CONFIG_FILE": str(sandbox.connection(cloud.root).clouds_file),
            "OS_CLOUD": "govstack-sandbox",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "first\n"), done.stderr


def test_nobody_else_may_read_anything(cloud: Cloud) -> None:
    modes = {
        path: stat.S_IMODE(path.stat().st_mode) for path in (cloud.root, *cloud.root.rglob("*"))
    }

    # What a server's users may read is the server's: nobody here passes the folder it lies in.
    volumes = cloud.root / "data" / "volumes"
    assert modes[volumes] == stat.S_IRWXU
    closed = {path: mode for path, mode in modes.items() if volumes not in path.parents}
    assert {path: oct(mode) for path, mode in closed.items() if mode & 0o077} == {}


def test_the_template_holds_no_secret(cloud: Cloud) -> None:
    template = environment_of(cache_home()).template
    contents = b"".join(path.read_bytes() for path in template.iterdir())
    secrets = re.findall(r'"([\w-]{20,})"', (cloud.root / "etc/passwords.json").read_text())
    keys = [path.read_text() for path in (cloud.root / "etc/keystone").glob("*/[01]")]

    assert {path.suffix for path in template.iterdir()} == {".sqlite"}
    assert len(secrets) == len(SERVICES) + 1
    assert len(keys) == 4
    assert not [secret for secret in (*secrets, *keys) if secret.encode() in contents]
    assert not re.search(rb"\$2[aby]\$|\$scrypt\$|\$pbkdf2", contents)


def test_a_killed_service_is_restarted_and_reported(cloud: Cloud) -> None:
    before = cloud.service("placement")
    os.kill(before.pid, signal.SIGKILL)

    _until(lambda: cloud.service("placement").restarts == 1)
    assert sandbox.status(cloud.root).state is CloudState.DEGRADED
    with cloud.connect() as client:  # asked while it starts: the answer comes, later
        providers = list(client.placement.resource_providers())
    _until(lambda: sandbox.status(cloud.root).state is CloudState.RUNNING)

    after = cloud.service("placement")
    assert {provider.name for provider in providers} == {"compute-1", "compute-2", "compute-3"}
    assert after.detail == "was ended by SIGKILL"
    assert after.pid != before.pid
    assert after.port == before.port


def test_services_are_added_while_everything_else_goes_on(cloud: Cloud) -> None:
    before = {name: cloud.service(name).pid for name in SERVICES}

    seconds = _time(lambda: cloud.start(*OPTIONAL))

    assert seconds < ADD_SECONDS
    assert {name: cloud.service(name).pid for name in SERVICES} == before
    found = sandbox.status(cloud.root)
    assert {one.name for one in found.services} == {*SERVICES, *OPTIONAL}
    assert {one.state for one in found.services} == {CloudState.RUNNING}
    for name in OPTIONAL:
        assert 0 < cloud.service(name).memory_mb <= OPTIONAL_MEMORY_MB, name
    cloud.observer.events.clear()
    assert _time(lambda: cloud.start(*OPTIONAL)) < 0.1
    assert cloud.observer.events == []
    with cloud.connect() as client:
        (server,) = client.compute.servers()
        types = {service.type for service in client.identity.services()}
        assert (server.name, server.status) == ("first", "ACTIVE")
        assert {"key-manager", "dns", "load-balancer", "object-store"} <= types


def test_a_member_keeps_secrets(cloud: Cloud) -> None:
    with cloud.member("office") as office, cloud.member("other") as other:
        for name, payload in (("kept", "a secret"), ("short", "gone soon")):
            office.key_manager.create_secret(
                name=name, payload=payload, payload_content_type="text/plain"
            )

        assert _payload(office, "kept") == "a secret"
        address = f"/secrets/{_secret(office, 'kept')}/payload"
        assert other.key_manager.get(address, raise_exc=False).status_code == 403
        office.key_manager.delete_secret(_secret(office, "short"))
        assert [secret.name for secret in office.key_manager.secrets()] == ["kept"]


def test_a_member_balances_load(cloud: Cloud) -> None:
    with cloud.member("office") as office:
        network = office.network.create_network(name="front")
        subnet = office.network.create_subnet(
            network_id=network.id, cidr="10.9.0.0/24", ip_version=4
        )
        balancers = office.load_balancer
        for name, address in (("kept", "10.9.0.200"), ("whole", "10.9.0.201"), ("parts", None)):
            _balance(office, name, subnet.id, address)

        (port,) = office.network.ports(network_id=network.id, name=_port_of(balancers, "kept"))
        assert [one["ip_address"] for one in port.fixed_ips] == ["10.9.0.200"]
        (listener,) = balancers.listeners(name="kept")
        (pool,) = balancers.pools(name="kept")
        (member,) = balancers.members(pool)
        assert listener.allowed_cidrs == ["10.0.0.0/8"]
        assert {listener.provisioning_status, pool.provisioning_status} == {"ACTIVE"}
        assert (member.provisioning_status, member.operating_status) == ("ACTIVE", "ONLINE")

        balancers.delete_load_balancer(_balancer(balancers, "whole"), cascade=True)
        _take_apart(balancers, "parts")
        assert [one.name for one in balancers.load_balancers()] == ["kept"]
        assert [one.name for one in balancers.listeners()] == ["kept"]
        assert [one.id for one in office.network.ports(network_id=network.id)] == [port.id]
    with cloud.connect() as admin:
        quota = admin.load_balancer.update_quota(
            office.current_project_id, load_balancers=3, listeners=7
        )
        assert (quota.load_balancers, quota.listeners) == (3, 7)


def test_names_are_answered(cloud: Cloud) -> None:
    with cloud.connect() as client:
        for name in ("kept.gov.test.", "short.gov.test."):
            zone = client.dns.create_zone(name=name, email=f"hostmaster@{name[:-1]}", ttl=300)
            client.dns.wait_for_status(zone, "ACTIVE", interval=0.1, wait=10)
            record = client.dns.create_recordset(
                zone, name=f"www.{name}", type="A", records=["192.0.2.10"], ttl=60
            )
            _until(lambda z=zone, r=record: client.dns.get_recordset(r, z).status == "ACTIVE")

        assert _address_of(cloud, "www.kept.gov.test") == "192.0.2.10"
        started = time.monotonic()
        client.dns.delete_zone(zone)
        _until(lambda: [one.name for one in client.dns.zones()] == ["kept.gov.test."])
        assert time.monotonic() - started < 15


def test_a_member_keeps_objects_and_shares_them(cloud: Cloud) -> None:
    with cloud.member("office") as office, cloud.member("other") as other:
        store, account = office.object_store, office.object_store.get_endpoint()
        shared = f"{other.current_project_id}:*"
        headers = {
            "X-Container-Read": shared,
            "X-Container-Write": f"{other.current_project_id}:{other.current_user_id}",
            "X-Container-Meta-Quota-Bytes": "40",
            "X-Versions-Enabled": "true",
        }
        assert store.put("/kept", headers=headers).status_code == 201
        for content in (b"first version", b"second version"):
            store.put("/kept/file", data=content)

        assert store.get("/kept/file").content == b"second version"
        versions = store.get("/kept?versions&format=json").json()
        assert [entry["is_latest"] for entry in versions] == [True, False]
        found = store.head("/kept").headers
        assert found["X-Container-Read"] == shared
        assert found["X-Container-Meta-Quota-Bytes"] == "40"
        too_much = store.put("/kept/big", data=b"x" * 41, raise_exc=False)
        assert too_much.status_code == 413

        assert other.session.get(f"{account}/kept/file").content == b"second version"
        assert other.session.put(f"{account}/kept/theirs", data=b"x").status_code == 201
        store.put("/private")
        for method, path in (("GET", ""), ("GET", "/private"), ("PUT", "/private/x")):
            answer = other.session.request(f"{account}{path}", method, raise_exc=False)
            assert answer.status_code == 403, path

        store.put("/archive")
        store.put("/legacy", headers={"X-History-Location": "archive"})
        for content in (b"1", b"2"):
            store.put("/legacy/file", data=content)
        assert len(store.get("/archive?format=json").json()) == 1


def test_killed_optional_services_are_restarted(cloud: Cloud) -> None:
    names = ("octavia", "designate", "swift")
    for name in names:
        os.kill(cloud.service(name).pid, signal.SIGKILL)
    _until(lambda: all(cloud.service(name).restarts == 1 for name in names))
    _until(lambda: sandbox.status(cloud.root).state is CloudState.RUNNING)

    _check_kept(cloud)


def test_stop_leaves_no_process_and_a_later_start_keeps_the_data(cloud: Cloud) -> None:
    password, port = cloud.password, cloud.service("keystone").port
    cloud.stop()
    assert cloud.processes() == []
    assert sandbox.status(cloud.root).state is CloudState.STOPPED

    seconds = _time(cloud.start)

    assert seconds < LATER_START_SECONDS
    assert (cloud.password, cloud.service("keystone").port) == (password, port)
    with cloud.connect() as client:
        (server,) = client.compute.servers()
        (network,) = client.network.networks(name="office")
        assert (server.name, server.status) == ("first", "ACTIVE")
        assert _create_server(client, "second", network.id).status == "ACTIVE"
    _check_kept(cloud)


def test_services_die_with_a_killed_supervisor(cloud: Cloud) -> None:
    os.kill(sandbox.status(cloud.root).pid, signal.SIGKILL)

    _until(lambda: cloud.processes() == [])
    assert sandbox.status(cloud.root).state is CloudState.STOPPED


def test_two_clouds_live_beside_each_other_and_a_reset_makes_a_new_one(
    cloud: Cloud, tmp_path: Path
) -> None:
    other = Cloud(tmp_path / "other")
    old = cloud.password
    keys = _keys(cloud)
    try:
        with ThreadPoolExecutor() as pool:
            starting = pool.submit(other.start)
            seconds = _time(cloud.reset)
            starting.result()

        assert seconds < RESET_SECONDS
        assert cloud.password not in {old, other.password}
        assert not keys & _keys(cloud)
        ports = {one.port for root in (cloud, other) for one in sandbox.status(root.root).services}
        assert len(ports) == 2 * len(SERVICES)
        with cloud.connect() as here, other.connect() as there:
            assert list(here.compute.servers()) == []
            there.identity.create_project(name="elsewhere")
            assert here.identity.find_project("elsewhere") is None
    finally:
        sandbox.remove(other.root, other.observer)
    assert not other.root.exists()
    assert other.processes() == []


def _check_kept(cloud: Cloud) -> None:
    """Check that everything that was called kept is still there."""
    with cloud.member("office") as office:
        (balancer,) = office.load_balancer.load_balancers()
        (secret,) = office.key_manager.secrets()

        assert (balancer.name, balancer.provisioning_status) == ("kept", "ACTIVE")
        assert secret.name == "kept"
        assert _payload(office, "kept") == "a secret"
        assert office.object_store.get("/kept/file").content == b"second version"
    with cloud.connect() as client:
        assert [zone.name for zone in client.dns.zones()] == ["kept.gov.test."]
    assert _address_of(cloud, "www.kept.gov.test") == "192.0.2.10"


def _secret(client: openstack.connection.Connection, name: str) -> str:
    (found,) = (one for one in client.key_manager.secrets() if one.name == name)
    return str(found.secret_ref.rpartition("/")[2])


def _payload(client: openstack.connection.Connection, name: str) -> str:
    address = f"/secrets/{_secret(client, name)}/payload"
    return str(client.key_manager.get(address, headers={"Accept": "text/plain"}).text)


def _balance(
    client: openstack.connection.Connection, name: str, subnet: str, address: str | None
) -> None:
    balancers = client.load_balancer
    wanted = {"vip_address": address} if address else {}
    made = balancers.create_load_balancer(name=name, vip_subnet_id=subnet, **wanted)
    listener = balancers.create_listener(
        name=name,
        load_balancer_id=made.id,
        protocol="TCP",
        protocol_port=443,
        allowed_cidrs=["10.0.0.0/8"],
    )
    pool = balancers.create_pool(
        name=name, listener_id=listener.id, protocol="TCP", lb_algorithm="ROUND_ROBIN"
    )
    balancers.create_member(pool, address="10.9.0.10", protocol_port=8443, subnet_id=subnet)
    balancers.create_health_monitor(pool_id=pool.id, type="TCP", delay=5, timeout=3, max_retries=3)


def _balancer(balancers: Any, name: str) -> Any:
    return balancers.find_load_balancer(name, ignore_missing=False)


def _port_of(balancers: Any, name: str) -> str:
    return f"octavia-lb-{_balancer(balancers, name).id}"


def _take_apart(balancers: Any, name: str) -> None:
    (pool,) = balancers.pools(name=name)
    (listener,) = balancers.listeners(name=name)
    (member,) = balancers.members(pool)
    balancers.delete_health_monitor(pool.health_monitor_id)
    balancers.delete_member(member, pool)
    balancers.delete_pool(pool)
    balancers.delete_listener(listener)
    balancers.delete_load_balancer(_balancer(balancers, name))


def _address_of(cloud: Cloud, name: str) -> str:
    """Ask the cloud's name server for the address of a name."""
    labels = b"".join(bytes((len(label),)) + label.encode() for label in name.split("."))
    question = struct.pack(">6H", 1, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(10)
        asking.sendto(question, ("127.0.0.1", sandbox.status(cloud.root).dns_port))
        return socket.inet_ntoa(asking.recv(512)[-4:])


def _create_server(client: openstack.connection.Connection, name: str, network: str) -> Any:
    server = client.compute.create_server(
        name=name,
        image_id=client.image.find_image("debian-12", ignore_missing=False).id,
        flavor_id=client.compute.find_flavor("m1.tiny", ignore_missing=False).id,
        networks=[{"uuid": network}],
    )
    return client.compute.wait_for_server(server, interval=0.2, wait=60)


def _available(storage: Any, thing: Any) -> Any:
    return storage.wait_for_status(thing, "available", interval=0.2, wait=30)


def _keys(cloud: Cloud) -> set[str]:
    return {path.read_text() for path in (cloud.root / "etc/keystone").glob("*/[01]")}


def _time(action: Callable[[], None]) -> float:
    started = time.monotonic()
    action()
    return time.monotonic() - started


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
