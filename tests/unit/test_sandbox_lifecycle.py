"""The toolkit's side of the embedded cloud, against a supervisor that only pretends."""

import json
import os
import select
import signal
import socket
import textwrap
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from govstack import sandbox
from govstack.errors import SandboxFailed, UnknownSelection
from govstack.sandbox import environment
from govstack.sandbox.alive import is_alive
from govstack.sandbox.status import supervisor_pid
from govstack.values.observer import Event, Note, StepAdvanced, StepFinished, StepStarted
from govstack.values.secret import Secret

SUPERVISOR = textwrap.dedent('''
    """Behaves like a supervisor, as the file `behaviour` says."""
    import json, os, pathlib, secrets, signal, socket, sys

    if sys.argv[1] == "build-template":
        pathlib.Path(sys.argv[2]).mkdir()
        sys.exit()
    behaviour = (pathlib.Path(__file__).parent.parent / "behaviour").read_text()
    if behaviour == "broken":
        sys.exit("ImportError: no module named heart")
    if os.fork():
        os._exit(0)
    root, port = pathlib.Path(sys.argv[2]), 0
    cloud, clouds = root / "cloud.json", root / "etc" / "clouds.yaml"
    if not cloud.exists():
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        clouds.parent.mkdir(exist_ok=True)
        auth = {"auth_url": f"http://127.0.0.1:{port}/v3", "password": secrets.token_hex(8)}
        clouds.write_text(json.dumps({"clouds": {"govstack-sandbox": {"auth": auth}}}))
        (root / "new").write_text(json.dumps({"format": 1, "ports": {"keystone": port}}))
        (root / "new").rename(cloud)
    port = json.loads(cloud.read_text())["ports"]["keystone"]

    def wanted():
        try:
            return json.loads((root / "wanted.json").read_text())
        except FileNotFoundError:
            return {"request": 0, "services": []}

    def added(name):
        failed = behaviour == "refuses" and wanted()["request"] == 1
        state, detail = ("degraded", "could not be added: no") if failed else ("running", "")
        return {"port": 1, "state": state, "pid": os.getpid(), "restarts": 0,
            "since": "2026-01-01T00:00:00+00:00", "detail": detail}

    def report(state, service, failure=""):
        services = {"keystone": {"port": port, "state": service, "pid": os.getpid(),
            "restarts": 0, "since": "2026-01-01T00:00:00+00:00", "detail": ""}}
        services |= {name: added(name) for name in wanted()["services"]}
        text = json.dumps({"format": 1, "pid": os.getpid(), "state": state, "step": "",
            "failure": failure, "services": services, "request": wanted()["request"]})
        temporary = root / "run" / "new"
        temporary.write_text(text)
        temporary.rename(root / "run" / "status.json")

    if behaviour == "vanishes":
        print("MemoryError: all gone", flush=True)
        os._exit(1)
    if behaviour == "fails":
        (root / "log" / "keystone.out").write_text("loading\\nOperationalError: disk is full\\n")
        report("failed", "starting", "keystone ended with code 1, 3 times")
        os._exit(1)
    report("starting", "starting")
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    report("running", "running")
    if behaviour == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.sigwait({signal.SIGHUP})
        report("running", "running")
''')


@dataclass
class Recorder:
    events: list[Event] = field(default_factory=list)

    def notify(self, event: Event) -> None:
        self.events.append(event)


@dataclass
class Fake:
    """A cloud's folder, and an environment in which the supervisor only pretends."""

    root: Path
    cache: Path
    sources: Path
    observer: Recorder = field(default_factory=Recorder)

    def behave(self, how: str) -> None:
        (self.sources / "behaviour").write_text(how)

    def start(self, *services: str) -> None:
        sandbox.start(self.root, self.observer, cache=self.cache, services=services)

    def reset(self, *services: str) -> None:
        sandbox.reset(self.root, self.observer, cache=self.cache, services=services)

    @property
    def services(self) -> dict[str, str]:
        return {one.name: str(one.state) for one in sandbox.status(self.root).services}

    def stop(self) -> None:
        sandbox.stop(self.root, self.observer)

    @property
    def state(self) -> str:
        return sandbox.status(self.root).state

    @property
    def password(self) -> str:
        auth = sandbox.connection(self.root).entry["auth"]
        assert isinstance(auth, dict)
        secret = auth["password"]
        assert isinstance(secret, Secret)
        return secret.reveal()


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    sources = tmp_path / "sources"
    package = sources / "govstack_sandbox"
    package.mkdir(parents=True)
    (package / "__main__.py").write_text(SUPERVISOR)
    for name in ("requirements.lock", "entry_points.txt", "behaviour"):
        (sources / name).write_text("")
    monkeypatch.setattr(environment, "resource", lambda _name: sources)
    monkeypatch.setattr(environment, "TEMPLATE_PARTS", ())
    made = Fake(tmp_path / "cloud", tmp_path / "cache", sources)
    built = environment.environment_of(made.cache)
    built.python.parent.mkdir(parents=True)
    built.python.symlink_to(os.path.realpath("/proc/self/exe"))
    (built.folder / "complete").touch()
    yield made
    if is_alive(made.root):
        os.kill(supervisor_pid(made.root), signal.SIGKILL)


def test_there_is_no_cloud_before_the_first_start(fake: Fake) -> None:
    assert sandbox.status(fake.root) == sandbox.SandboxStatus(
        root=fake.root, state=sandbox.CloudState.ABSENT
    )
    with pytest.raises(SandboxFailed, match="there is no embedded cloud") as caught:
        sandbox.connection(fake.root)
    assert caught.value.hint == "make one: govstack sandbox start"


def test_start_makes_a_cloud_and_tells_of_its_services(fake: Fake) -> None:
    fake.start()

    found = sandbox.status(fake.root)
    (service,) = found.services
    assert found.state == "running"
    assert found.auth_url == f"http://127.0.0.1:{service.port}/v3"
    assert found.pid == service.pid
    assert service.memory_mb > 0
    shapes = [(type(event), getattr(event, "step", "")) for event in fake.observer.events]
    assert shapes == [
        (StepStarted, "sandbox-template"),
        (StepFinished, "sandbox-template"),
        (StepStarted, "sandbox-start"),
        (StepAdvanced, "sandbox-start"),
        (StepFinished, "sandbox-start"),
    ]


def test_a_second_start_is_instant_and_silent(fake: Fake) -> None:
    fake.start()
    fake.observer.events.clear()
    before = time.monotonic()

    fake.start()

    assert time.monotonic() - before < 0.05
    assert fake.observer.events == []


def test_starts_at_the_same_time_start_one_cloud(fake: Fake) -> None:
    threads = [threading.Thread(target=fake.start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert fake.state == "running"
    assert len(list(Path("/proc").glob(f"{sandbox.status(fake.root).pid}"))) == 1


def test_stop_keeps_the_data_and_is_silent_the_second_time(fake: Fake) -> None:
    fake.start()
    password, pid = fake.password, sandbox.status(fake.root).pid

    fake.stop()
    fake.observer.events.clear()
    fake.stop()

    assert fake.observer.events == []
    assert fake.state == "stopped"
    assert not is_alive(fake.root)
    assert not _runs(pid)
    fake.start()
    assert fake.password == password


def test_a_supervisor_that_does_not_listen_is_killed(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("govstack.sandbox.waiting.END_SECONDS", 0.2)
    fake.behave("deaf")
    fake.start()

    fake.stop()

    assert fake.state == "stopped"


def test_the_report_of_a_killed_supervisor_is_not_believed(fake: Fake) -> None:
    fake.start()
    pid = sandbox.status(fake.root).pid
    descriptor = os.pidfd_open(pid)
    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    _wait(descriptor)

    found = sandbox.status(fake.root)

    assert (found.state, found.pid, found.memory_mb) == ("stopped", 0, 0)
    assert [service.state for service in found.services] == ["stopped"]
    fake.start()
    assert fake.state == "running"


def test_reset_makes_a_cloud_with_other_secrets(fake: Fake) -> None:
    fake.start()
    password = fake.password

    fake.reset()

    assert fake.state == "running"
    assert fake.password != password


def test_remove_deletes_the_folder_and_needs_no_cloud(fake: Fake) -> None:
    fake.start()

    sandbox.remove(fake.root, fake.observer)
    sandbox.remove(fake.root, fake.observer)

    assert not fake.root.exists()
    assert fake.state == "absent"


def test_a_folder_that_is_no_cloud_is_not_removed(fake: Fake, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()

    sandbox.remove(precious, fake.observer)

    assert precious.exists()


def test_a_port_that_others_took_is_named_with_its_holder(fake: Fake) -> None:
    fake.start()
    port = sandbox.status(fake.root).services[0].port
    fake.stop()

    with socket.create_server(("127.0.0.1", port)), pytest.raises(SandboxFailed) as caught:
        fake.start()

    comm = Path("/proc/self/comm").read_text().strip()
    assert str(caught.value) == (
        f"the embedded cloud cannot start: port {port}, which is keystone's, is in use "
        f"by {comm} (process {os.getpid()})"
    )
    assert "govstack sandbox reset" in caught.value.hint
    fake.start()
    assert fake.state == "running"


def test_a_failed_start_shows_what_the_service_said(fake: Fake) -> None:
    fake.behave("fails")

    with pytest.raises(SandboxFailed) as caught:
        fake.start()

    assert str(caught.value) == (
        "the embedded cloud did not start: keystone ended with code 1, 3 times\n"
        "OperationalError: disk is full"
    )
    assert str(fake.root / "log" / "keystone.out") in caught.value.hint
    assert isinstance(fake.observer.events[-1], StepFinished)
    assert fake.observer.events[-1].outcome == "failed"


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("vanishes", "its supervisor has ended\nMemoryError: all gone"),
        ("broken", "the supervisor did not start\nImportError: no module named heart"),
    ],
)
def test_a_supervisor_that_dies_shows_its_last_words(fake: Fake, behaviour: str, said: str) -> None:
    fake.behave(behaviour)

    with pytest.raises(SandboxFailed) as caught:
        fake.start()

    assert str(caught.value) == f"the embedded cloud did not start: {said}"
    assert not is_alive(fake.root)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        (json.dumps({"format": 2}), "has format 2, and this govstack knows format 1"),
    ],
)
def test_broken_and_newer_files_are_refused(fake: Fake, text: str, said: str) -> None:
    fake.start()
    fake.stop()
    (fake.root / "cloud.json").write_text(text)

    with pytest.raises(SandboxFailed, match=said) as caught:
        sandbox.status(fake.root)

    assert "govstack sandbox reset" in caught.value.hint


def test_a_broken_cloud_can_be_reset(fake: Fake) -> None:
    fake.start()
    (fake.root / "cloud.json").write_text("{")

    fake.reset()

    assert fake.state == "running"


def test_services_are_added_to_a_cloud_that_runs(fake: Fake) -> None:
    fake.start()
    pid = sandbox.status(fake.root).pid
    fake.observer.events.clear()

    fake.start("swift")
    fake.start("octavia", "barbican")

    assert sandbox.status(fake.root).pid == pid
    assert fake.services == dict.fromkeys(("keystone", "barbican", "octavia", "swift"), "running")
    titles = [event.title for event in fake.observer.events if isinstance(event, StepStarted)]
    assert titles == [
        "Add swift to the embedded cloud",
        "Add barbican, octavia to the embedded cloud",
    ]
    told = [event.detail for event in fake.observer.events if isinstance(event, StepAdvanced)]
    assert sorted(told) == ["barbican is ready", "octavia is ready", "swift is ready"]


def test_a_start_that_lacks_nothing_is_instant_and_silent(fake: Fake) -> None:
    fake.start("swift", "octavia")
    fake.observer.events.clear()
    before = time.monotonic()

    fake.start("swift")
    fake.start()

    assert time.monotonic() - before < 0.05
    assert fake.observer.events == []


def test_what_was_wanted_is_still_wanted_after_a_stop(fake: Fake) -> None:
    fake.start("swift")
    fake.stop()

    fake.start("octavia")

    assert set(fake.services) == {"keystone", "octavia", "swift"}


def test_a_reset_begins_with_what_it_is_asked_for(fake: Fake) -> None:
    fake.start("swift")

    fake.reset("barbican")
    assert set(fake.services) == {"keystone", "barbican"}

    fake.reset()
    assert set(fake.services) == {"keystone"}


def test_services_wanted_at_the_same_time_are_all_added(fake: Fake) -> None:
    fake.start()
    threads = [threading.Thread(target=fake.start, args=(name,)) for name in sandbox.OPTIONAL]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(fake.services) == {"keystone", *sandbox.OPTIONAL}


def test_a_service_that_cannot_be_added_is_said_and_may_be_wanted_again(fake: Fake) -> None:
    fake.behave("refuses")
    fake.start()

    with pytest.raises(SandboxFailed) as caught:
        fake.start("swift")

    assert str(caught.value) == ("the embedded cloud did not start: swift could not be added: no")
    assert fake.state == "running"
    fake.start("swift")
    assert fake.services["swift"] == "running"


def test_a_service_that_does_not_exist_is_refused(fake: Fake) -> None:
    with pytest.raises(UnknownSelection) as caught:
        fake.start("swift", "heat")

    assert str(caught.value) == "the embedded cloud has no optional service heat"
    assert caught.value.hint == "there are: barbican, designate, octavia, swift"
    assert fake.state == "absent"


def test_the_port_for_names_is_known_to_status_and_connection(fake: Fake) -> None:
    fake.start()
    assert (sandbox.status(fake.root).dns_port, sandbox.connection(fake.root).dns_port) == (0, 0)
    cloud = fake.root / "cloud.json"
    document = {**json.loads(cloud.read_text()), "inner": {"designate-mdns": 20_005}}
    cloud.write_text(json.dumps(document))

    assert sandbox.status(fake.root).dns_port == 20_005
    assert sandbox.connection(fake.root).dns_port == 20_005


def test_nothing_but_steps_is_told(fake: Fake) -> None:
    fake.start()
    fake.reset()
    fake.stop()

    assert not [event for event in fake.observer.events if isinstance(event, Note)]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def _wait(descriptor: int) -> None:
    select.select([descriptor], [], [], 10)
    os.close(descriptor)
