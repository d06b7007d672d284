"""Runs are killed, and the next one converges: nothing is lost, nothing is left, nobody mends.

`benchmarks/campaign_kill.py` does the same at many more moments.
"""

import importlib.util
import json
import os
import random
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openstack.config import OpenStackConfig
from openstack.connection import Connection

CHECKOUT = Path(__file__).parent.parent.parent
CAMPAIGN = CHECKOUT / "benchmarks" / "campaign_kill.py"
SEED = 5
LONG_UP, LONG_DOWN = 15.0, 5.0
"""Seconds in which a run that has something to do is at work, on any machine."""

pytestmark = [
    pytest.mark.e2e,
    # openstacksdk deprecates what it calls itself.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]


@pytest.fixture(scope="module")
def campaign() -> Any:
    spec = importlib.util.spec_from_file_location("campaign_kill", CAMPAIGN)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def connect(city: Any, entry: str) -> Connection:
    loader = OpenStackConfig(config_files=[str(city.clouds)], load_envvars=False)
    return Connection(config=loader.get_one(entry))


def kill(campaign: Any, city: Any, verb: str, victim: str, second: float) -> None:
    case = campaign.Case(verb, victim, second, ())
    command = city.command("--output", "json", verb, "--yes")
    campaign.killed(command, city.variables, case, 1.0)


def left(city: Any) -> list[str]:
    answer = city.run("sweep", "--check")
    assert answer.exit_code in {0, 8}, answer.stdout
    return [f"{each['kind']} {each['name']}" for each in answer.envelope["data"]["things"]]


def test_up_converges_after_any_of_its_processes_was_killed(campaign: Any, city: Any) -> None:
    chance = random.Random(SEED)
    for victim in campaign.VICTIMS:
        kill(campaign, city, "up", victim, chance.uniform(2, LONG_UP))
    again = city.run("up", "--yes")
    assert again.exit_code == 0, again.stdout
    assert left(city) == []
    outcomes = {s["outcome"] for s in city.run("up", "--yes", "--all").data["systems"]}
    assert outcomes == {"unchanged"}


def test_down_converges_and_up_finds_out_what_is_gone(campaign: Any, city: Any) -> None:
    chance = random.Random(SEED)
    kill(campaign, city, "down", "provider", chance.uniform(1, LONG_DOWN))
    again = city.run("up", "--yes")
    assert again.exit_code == 0, again.stdout
    outcomes = {s["outcome"] for s in city.run("up", "--yes", "--all").data["systems"]}
    assert outcomes == {"unchanged"}
    for victim in ("parent", "engine"):
        kill(campaign, city, "down", victim, chance.uniform(1, LONG_DOWN))
    down = city.run("down", "--yes")
    assert down.exit_code == 0, down.stdout
    assert left(city) == []
    assert not list((city.place / "records").glob("*.json"))


def test_a_polite_end_is_like_an_interrupt(city: Any) -> None:
    with subprocess.Popen(
        city.command("--verbose", "up", "--yes"),
        env=city.variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as run:
        assert run.stderr
        next(line for line in run.stderr if "Network" in line)
        os.kill(run.pid, signal.SIGTERM)
        said = run.stderr.read()
    assert run.returncode == 130, said
    assert "run the same command again" in said
    assert left(city) == []


FULL = """
set -eu
mount -t tmpfs -o size=100k none "$STATE"
"$@" > "$ANSWERS/full.json" || true
mount -o remount,size=64m "$STATE"
"$@" > "$ANSWERS/again.json"
"$DOWN" --output json --site "$SITE" down --yes > /dev/null
"""
"""A shell program that has a command run on a disk that is too small, then on one that is not."""


def may_mount() -> bool:
    tried = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"],
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


@pytest.mark.skipif(not may_mount(), reason="only root may mount a small disk")
def test_a_full_disk_is_told_and_nothing_is_lost(city: Any, tmp_path: Path) -> None:
    for verb in (("up", "--yes", "platform"), ("down", "--yes")):
        assert city.run(*verb).exit_code == 0
    where = {
        "STATE": str(city.place / "pulumi"),
        "ANSWERS": str(tmp_path),
        "SITE": str(city.site),
        "DOWN": city.command()[0],
    }
    command = city.command("--output", "json", "up", "--yes")
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", FULL, "sh", *command],
        env={**city.variables, **where},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    full = json.loads((tmp_path / "full.json").read_text())
    told = [system["error"] for system in full["data"]["systems"] if system["error"]]
    assert full["exit_code"] == 5
    assert told[0] == "no space is left on the disk"
    again = json.loads((tmp_path / "again.json").read_text())
    assert again["ok"], again
    assert left(city) == []


@pytest.fixture
def planted(city: Any) -> Iterator[dict[str, set[str]]]:
    """Things in the cloud that no state knows: ours by name or label, and those of strangers."""
    up = city.run("up", "--yes")
    assert up.exit_code == 0, up.stdout
    with connect(city, "app-oa") as own, connect(city, "platform") as operator:
        project = own.current_project_id
        operator.network.update_quota(project, networks=-1, ports=-1, security_groups=-1)
        operator.block_storage.update_quota_set(project, volumes=-1, gigabytes=-1)
        network = own.network.create_network(name="yz-app-oa-lost")
        own.network.create_port(network_id=network.id, name="yz-lost")
        own.network.create_security_group(name="yz-app-oa-lost")
        own.block_storage.create_volume(size=1, name="yz-lost-data")
        tagged = operator.network.create_network(name="unnamed", project_id=project)
        labels = ["gov:managed-by=govstack", "gov:site=yunzhou", "gov:env=sandbox"]
        operator.network.set_tags(tagged, labels)
        stranger = own.network.create_network(name="strangers")
        other = operator.network.create_network(name="yz-other", project_id=project)
        operator.network.set_tags(other, [*labels[:2], "gov:env=production"])
        flavor = operator.compute.create_flavor(name="yz-operators", ram=64, vcpus=1, disk=1)
        try:
            yield {
                "ours": {
                    "port yz-lost",
                    "network unnamed",
                    "network yz-app-oa-lost",
                    "security group yz-app-oa-lost",
                    "volume yz-lost-data",
                },
                "strangers": {stranger.id, other.id, flavor.id},
            }
        finally:
            operator.network.delete_network(stranger)
            operator.network.delete_network(other)
            operator.compute.delete_flavor(flavor)


def test_sweep_removes_what_is_ours_and_nothing_else(city: Any, planted: Any) -> None:
    assert set(left(city)) == planted["ours"]
    swept = city.run("sweep", "--yes").data
    assert {each["fate"] for each in swept["things"]} == {"removed"}
    assert left(city) == []
    with connect(city, "platform") as operator:
        there = {each.id for each in operator.network.networks()}
        there |= {each.id for each in operator.compute.flavors()}
    assert planted["strangers"] <= there
    outcomes = {s["outcome"] for s in city.run("up", "--yes", "--all").data["systems"]}
    assert outcomes <= {"unchanged", "done"}
