"""State in real stores: PostgreSQL in a cluster of its own, and S3 as Swift speaks it."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from govstack.state.store import Store
from govstack.state.stores import open_store

from .conftest import City, copy_city

pytestmark = pytest.mark.e2e

SHARED = """\
profile: openstack
cloud: govstack-sandbox
external_network: public
disposable: true
backend: BACKEND
site:
  catalog:
    images:
      linux: {cloud_name: debian-12, os_distro: debian}
"""
BUCKET = "govstack-state"


@dataclass
class Machine(City):
    """Somebody's machine, with a state home of its own, at the cloud that all share."""

    environment: str = "shared"
    more: dict[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        return super().variables | self.more

    @property
    def place(self) -> Path:
        return self.state / self.site.name / self.environment

    def keep_state_in(self, backend: str, more: str = "") -> None:
        """Write the environment's file; it is the same for all machines."""
        path = self.site / "environments" / "shared.yaml"
        text = SHARED.replace("backend: BACKEND\n", f"backend: {backend}\n" if backend else "")
        path.write_text(text + more, encoding="utf-8")

    def outcomes(self) -> set[str]:
        return {system["outcome"] for system in self.run("up", "--yes").data["systems"]}


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The address of a database in a cluster that lasts as long as the module's tests."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin")) or [
        Path(found).parent for found in (shutil.which("initdb"),) if found
    ]
    assert programs, "PostgreSQL's server programs are missing: apt install postgresql"
    # The server refuses to run as root, and its socket's path must be short.
    user = "nobody" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="govstack-pg-"))
    if user:
        shutil.chown(folder, user)

    def postgres(program: str, *arguments: str) -> None:
        command = [str(programs[-1] / program), "-D", str(folder / "data"), *arguments]
        # What the server inherits would keep a pipe open for ever.
        with (folder.with_suffix(".log")).open("a") as log:
            subprocess.run(command, check=True, user=user, stdout=log, stderr=log, cwd="/")

    options = f"-c listen_addresses= -c fsync=off -k {folder}"
    try:
        postgres("initdb", "-U", "govstack", "-A", "trust", "--no-sync")
        postgres("pg_ctl", "-w", "-o", options, "start")
        try:
            yield f"postgres://govstack@/postgres?host={folder}"
        finally:
            postgres("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)
        folder.with_suffix(".log").unlink()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city whose embedded cloud has an object store: a system of its environment needs one."""
    made = copy_city(tmp_path_factory.mktemp("stores"))
    path = made.site / "environments" / "sandbox.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        f"{text}\nsystems: {{app-oa: {{containers: {{files: {{}}}}}}}}\n", encoding="utf-8"
    )
    try:
        started = made.run("sandbox", "start")
        assert started.exit_code == 0, started.stdout + started.stderr
        yield made
    finally:
        made.run("sandbox", "remove", "--yes")


@pytest.fixture(scope="module")
def keys(cloud: City) -> dict[str, str]:
    """Variables with the way to the cloud, and to a bucket of its object store."""
    sandbox = cloud.run("sandbox", "status").data
    variables = {"OS_CLIENT_CONFIG_FILE": sandbox["clouds"]}

    def openstack(*arguments: str) -> str:
        command = [sandbox["client"], "--os-cloud", sandbox["cloud"], *arguments]
        return subprocess.run(
            command, env=os.environ | variables, check=True, capture_output=True, text=True
        ).stdout

    made = json.loads(openstack("ec2", "credentials", "create", "-f", "json"))
    openstack("container", "create", BUCKET)
    (swift,) = [each for each in sandbox["services"] if each["name"] == "swift"]
    return variables | {
        "AWS_ACCESS_KEY_ID": made["access"],
        "AWS_SECRET_ACCESS_KEY": made["secret"],
        "AWS_ENDPOINT": f"http://{urlsplit(sandbox['auth_url']).hostname}:{swift['port']}",
    }


@pytest.fixture(scope="module")
def bucket(keys: dict[str, str]) -> str:
    return f"s3://{BUCKET}/city?endpoint={keys['AWS_ENDPOINT']}&region=RegionOne"


@pytest.fixture(scope="module")
def machines(
    cloud: City, keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Machine, Machine]:
    homes = (tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two"))
    first, second = (Machine(cloud.site, home, more=keys) for home in homes)
    return first, second


def test_postgres_keeps_the_contract(
    database: str, keeps_the_contract: Callable[[Store], None]
) -> None:
    keeps_the_contract(open_store(database, "contract"))


def test_s3_keeps_the_contract(
    bucket: str,
    keys: dict[str, str],
    keeps_the_contract: Callable[[Store], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    keeps_the_contract(open_store(bucket, "contract"))


def test_two_machines_share_a_state(machines: tuple[Machine, Machine], database: str) -> None:
    one, two = machines
    one.keep_state_in(database)
    assert one.outcomes() == {"done"}
    refused = two.run("up", "--yes")
    assert refused.exit_code == 5
    assert "passphrase of the state in postgres://" in refused.error["message"]
    two.place.mkdir(parents=True, exist_ok=True)
    shutil.copy2(one.place / "passphrase", two.place / "passphrase")
    assert two.outcomes() == {"unchanged"}
    assert two.run("outputs").data == one.run("outputs").data


def test_two_machines_at_once_wait_for_each_other(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    path = one.site / "systems" / "app-oa.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("count: 1", "count: 2"), encoding="utf-8")
    assert one.run("allocate").exit_code == 0
    with ThreadPoolExecutor() as pool:
        ran = list(pool.map(lambda machine: machine.run("up", "--yes"), machines))
    outcomes = {
        system["id"]: {outcome["outcome"] for outcome in (system, other)}
        for system, other in zip(ran[0].data["systems"], ran[1].data["systems"], strict=True)
    }
    assert outcomes["app-oa"] == {"done", "unchanged"}
    assert outcomes["dat-rdb"] == {"unchanged"}
    assert two.run("state", "list").data["stacks"] == one.run("state", "list").data["stacks"]


def test_what_a_killed_run_did_is_known_elsewhere(machines: tuple[Machine, Machine]) -> None:
    """Its lock is recognised as a dead one's, and the next run keeps it out."""
    one, two = machines
    run = subprocess.Popen(
        one.command("up", "--all", "--yes"),
        env=one.variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stderr
    while "platform" not in run.stderr.readline():
        assert run.poll() is None
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    assert two.outcomes() == {"unchanged"}
    assert two.run("lock", "show").data["run"] is None


def test_a_state_moves_from_postgres_to_s3(machines: tuple[Machine, Machine], bucket: str) -> None:
    one, two = machines
    moved = one.run("state", "move", bucket).data
    assert moved["backend"] == bucket
    refused = two.run("up", "--yes", "--no-wait")
    assert refused.exit_code == 7
    assert bucket in refused.error["message"]
    one.keep_state_in(bucket)
    assert two.outcomes() == {"unchanged"}
    assert one.outcomes() == {"unchanged"}


def test_a_new_passphrase_shuts_out_who_has_the_old_one(
    machines: tuple[Machine, Machine],
) -> None:
    one, two = machines
    one.run("secrets", "rotate", "--yes")
    assert one.outcomes() == {"unchanged"}
    assert "does not open" in two.run("up", "--yes").error["message"]
    shutil.copy2(one.place / "passphrase", two.place / "passphrase")
    assert two.outcomes() == {"unchanged"}


def test_people_hold_an_environment(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    one.run("lock", "take", "storage work", "--hours", "1")
    assert two.run("lock", "show").data["people"]["reason"] == "storage work"
    assert one.run("lock", "release").data["action"] == "released"
    assert two.run("lock", "show").data["people"] is None


def test_a_backup_brings_a_lost_machine_back(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    one, _ = machines
    assert one.run("state", "move", "files").data["backend"] == ""
    one.keep_state_in("")
    assert one.outcomes() == {"unchanged"}
    path = tmp_path / "backup.tar.gz"
    before = one.run("state", "backup", "--to", str(path)).data["backup"]
    kept = (one.place / "passphrase").read_bytes()
    shutil.rmtree(one.place)
    assert "passphrase" in one.run("state", "restore", str(path), "--yes").error["message"]
    one.place.mkdir()
    (one.place / "passphrase").write_bytes(kept)
    after = one.run("state", "restore", str(path), "--yes").data["backup"]
    assert after["files"] == before["files"]
    assert one.outcomes() == {"unchanged"}


def test_nothing_is_in_clear_between_runs_where_that_is_wished(
    machines: tuple[Machine, Machine],
) -> None:
    one, _ = machines
    secrets = json.loads((one.place / "passwords.json").read_text(encoding="utf-8")).values()
    one.keep_state_in("", "encrypt_state: true\n")
    assert one.outcomes() == {"unchanged"}
    left = {path.parts[len(one.place.parts)] for path in one.place.rglob("*") if path.is_file()}
    assert left & {"pulumi", "records", "passwords.json", "vault"} == set()
    clouds = one.place / "clouds.yaml"
    for path in one.place.rglob("*"):
        if path.is_file() and path != clouds:
            data = path.read_bytes()
            assert not any(secret.encode() in data for secret in secrets), path
    assert {system["state"] for system in one.run("status").data["systems"]} == {"up"}
    assert one.outcomes() == {"unchanged"}
