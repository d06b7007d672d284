"""The embedded cloud itself: real services, in folders of their own, from the user's cache."""

import os
import re
import signal
import stat
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
from govstack.sandbox import CloudState, ServiceStatus
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

    def start(self) -> None:
        sandbox.start(self.root, self.observer, cache=cache_home())

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

    def connect(self) -> openstack.connection.Connection:
        auth = sandbox.connection(self.root).entry["auth"]
        assert isinstance(auth, dict)
        return openstack.connect(
            load_yaml_config=False,
            load_envvars=False,
            auth={**auth, "password": self.password},
            region_name="RegionOne",
        )


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

    assert {path: oct(mode) for path, mode in modes.items() if mode & 0o077} == {}


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
