import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from govstack.errors import Locked, StateUnreadable
from govstack.site.kinds import Layer
from govstack.site.model import Environment
from govstack.site.profile import Profile
from govstack.state.credentials import system_entry, write_clouds
from govstack.state.discard import discard
from govstack.state.files import write_private
from govstack.state.lock import held
from govstack.state.places import Places, places_of
from govstack.state.records import Record, drop_record, read_records, write_record
from govstack.state.secrets import passphrase, passwords
from govstack.values.secret import Secret

PLATFORM_ENTRY = {
    "auth_type": "password",
    "region_name": "RegionOne",
    "auth": {
        "auth_url": "http://127.0.0.1:5000/v3",
        "username": "admin",
        "password": Secret("top"),
        "project_name": "admin",
        "user_domain_name": "Default",
        "project_domain_name": "gov",
    },
}
RECORD = Record(
    system="dat-rdb",
    name="关系数据库服务",
    layer=Layer.DATA_SERVICE,
    upstream=("platform",),
    project={"name": "yz-dat-rdb"},
    finished=True,
    inputs="a",
    checkpoint="b",
    outputs={"nodes": {"n": "1"}},
    resources=9,
    updated="2026-11-25T00:00:00+00:00",
)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "state" / "yunzhou" / "sandbox")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_private_file_is_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "made" / "secret"
    old = os.umask(0)
    try:
        write_private(path, "one")
        write_private(path, "two")
    finally:
        os.umask(old)
    assert path.read_text() == "two"
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_private(path, "one")
    with pytest.raises(UnicodeEncodeError):
        write_private(path, "\ud800")
    assert path.read_text() == "one"
    assert list(tmp_path.iterdir()) == [path]


def test_environments_of_the_embedded_cloud_belong_to_one_folder(tmp_path: Path) -> None:
    sandbox = Environment(name="sandbox", profile=Profile(name="sandbox", product=""))
    production = Environment(
        name="production", profile=Profile(name="openstack", product=""), cloud="yunzhou"
    )
    one, two = tmp_path / "a" / "yunzhou", tmp_path / "b" / "yunzhou"
    home = tmp_path / "state"
    assert places_of(home, one, sandbox) != places_of(home, two, sandbox)
    assert places_of(home, one, sandbox) == places_of(home, one, sandbox)
    assert places_of(home, one, production) == places_of(home, two, production)
    assert places_of(home, one, production).root == home / "yunzhou" / "production"


def test_the_lock_names_its_holder(places: Places) -> None:
    with held(places.lock, "up"):
        code = (
            "import sys, pathlib\n"
            "from govstack.state.lock import held\n"
            "with held(pathlib.Path(sys.argv[1]), 'down'): pass\n"
        )
        run = subprocess.run(
            [sys.executable, "-c", code, str(places.lock)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert f"(process {os.getpid()})" in run.stderr
        assert ": up" in run.stderr
    with held(places.lock, "up"):
        pass


def test_the_lock_is_refused_to_a_second_run(places: Places) -> None:
    with (
        held(places.lock, "up"),
        pytest.raises(Locked, match=r"the environment is locked by .*: up") as caught,
        held(places.lock, "down"),
    ):
        pass
    assert caught.value.exit_code == 7


def test_the_lock_of_a_dead_process_is_free(places: Places) -> None:
    code = (
        "import os, sys, pathlib\n"
        "from govstack.state.lock import held\n"
        "with held(pathlib.Path(sys.argv[1]), 'up'): os.kill(os.getpid(), 9)\n"
    )
    run = subprocess.run([sys.executable, "-c", code, str(places.lock)], check=False)
    assert run.returncode == -9
    with held(places.lock, "up"):
        pass


def test_a_record_comes_back_as_it_was(places: Places) -> None:
    write_record(places, RECORD)
    assert read_records(places) == {"dat-rdb": RECORD}
    drop_record(places, "dat-rdb")
    drop_record(places, "dat-rdb")
    assert read_records(places) == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "it is damaged"),
        ("[]", "it is damaged"),
        ('{"format": 2}', "its format is 2, this govstack reads 1"),
        ('{"format": 1, "record": {"layer": "cellar", "upstream": []}}', "it is damaged"),
        ('{"format": 1, "record": {}}', "it is damaged"),
    ],
)
def test_a_record_that_cannot_be_read_is_named(places: Places, text: str, reason: str) -> None:
    write_private(places.records / "dat-rdb.json", text)
    with pytest.raises(StateUnreadable, match=reason) as caught:
        read_records(places)
    assert str(places.records / "dat-rdb.json") in str(caught.value)
    assert "remove it" in caught.value.hint


def test_the_passphrase_is_made_once(places: Places) -> None:
    first = passphrase(places)
    assert passphrase(places) == first
    assert len(first.reveal()) >= 32
    assert mode(places.passphrase) == 0o600


def test_a_lost_passphrase_is_not_replaced_in_silence(places: Places) -> None:
    passphrase(places)
    places.backend.mkdir()
    places.passphrase.unlink()
    with pytest.raises(StateUnreadable, match="passphrase of this environment's state is missing"):
        passphrase(places)
    write_private(places.passphrase, "\n")
    with pytest.raises(StateUnreadable, match="passphrase file is empty"):
        passphrase(places)


def test_passwords_are_kept_and_made_for_new_users_only(places: Places) -> None:
    first = passwords(places, ("a", "b"))
    second = passwords(places, ("b", "c"))
    assert second["b"] == first["b"]
    assert set(second) == {"b", "c"}
    assert len({secret.reveal() for secret in (*first.values(), *second.values())}) == 3
    assert passwords(places, ("a",)) == {"a": first["a"]}


def test_passwords_that_cannot_be_read(places: Places) -> None:
    write_private(places.passwords, "{")
    with pytest.raises(StateUnreadable, match="passwords of the service users"):
        passwords(places, ("a",))


def test_every_system_has_an_entry_of_its_own(places: Places) -> None:
    project = {"project_name": "yz-dat-rdb"}
    entry = system_entry(PLATFORM_ENTRY, project, "yz-dat-rdb-svc", Secret("own"))
    write_clouds(places, PLATFORM_ENTRY, {"dat-rdb": entry})
    clouds = json.loads(places.clouds.read_text())["clouds"]
    assert mode(places.clouds) == 0o600
    assert set(clouds) == {"platform", "dat-rdb"}
    assert clouds["dat-rdb"] == {
        "auth_type": "password",
        "region_name": "RegionOne",
        "auth": {
            "auth_url": "http://127.0.0.1:5000/v3",
            "username": "yz-dat-rdb-svc",
            "password": "own",
            "project_name": "yz-dat-rdb",
            "user_domain_name": "gov",
            "project_domain_name": "gov",
        },
    }


def test_entries_that_are_the_same_are_not_written_again(places: Places) -> None:
    write_clouds(places, PLATFORM_ENTRY, {})
    before = places.clouds.stat().st_mtime_ns
    write_clouds(places, PLATFORM_ENTRY, {})
    assert places.clouds.stat().st_mtime_ns == before


def test_what_described_a_cloud_that_is_gone_is_forgotten(places: Places) -> None:
    write_record(places, RECORD)
    passphrase(places)
    write_private(places.backend / ".pulumi" / "meta.yaml", "")
    write_clouds(places, PLATFORM_ENTRY, {})
    with held(places.lock, "sandbox reset"):
        discard(places)
        assert [path.name for path in places.root.iterdir()] == ["locks"]
