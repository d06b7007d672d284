"""What a user sees when the cloud, the store or the user stops a run; nothing is lost by it."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this machine on which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture
def operator(city: Any, tmp_path: Path) -> Any:
    """The same cloud as an operator's own: an entry in clouds.yaml, and who changes it."""

    def entry(**changes: Any) -> dict[str, str]:
        known = json.loads(city.clouds.read_text())["clouds"]["platform"]
        known["auth"] |= changes
        path = tmp_path / "clouds.yaml"
        path.write_text(json.dumps({"clouds": {"yunzhou": known}}))
        return {"OS_CLIENT_CONFIG_FILE": str(path)}

    city.run("up", "--yes")
    overlay = city.site / "environments" / "production.yaml"
    text = overlay.read_text()
    image = "\nsite: {catalog: {images: {linux: {cloud_name: debian-12, os_distro: debian}}}}\n"
    overlay.write_text(text + image)
    yield entry
    overlay.write_text(text)


def test_a_wrong_password(city: Any, operator: Any) -> None:
    answer = city.run("preview", "-e", "production", **operator(password="wrong"))
    assert (answer.exit_code, answer.error["code"]) == (11, "cloud")
    assert "refused us" in answer.error["message"]
    assert "check user, password and project" in answer.error["hint"]


def test_a_cloud_that_does_not_answer(city: Any, operator: Any, closed_port: int) -> None:
    url = f"http://127.0.0.1:{closed_port}/v3"
    answer = city.run("preview", "-e", "production", **operator(auth_url=url))
    assert (answer.exit_code, answer.error["code"]) == (11, "cloud")
    assert f"the cloud at {url} does not answer" in answer.error["message"]


def test_an_entry_that_is_not_there(city: Any, tmp_path: Path) -> None:
    (tmp_path / "clouds.yaml").write_text("clouds: {}\n")
    answer = city.run(
        "preview", "-e", "production", OS_CLIENT_CONFIG_FILE=str(tmp_path / "clouds.yaml")
    )
    assert (answer.exit_code, answer.error["code"]) == (11, "cloud")
    assert "the cloud entry 'yunzhou' cannot be used" in answer.error["message"]


def test_an_operators_own_cloud_is_previewed_like_the_embedded_one(
    city: Any, operator: Any
) -> None:
    data = city.run("preview", "-e", "production", **operator()).data
    assert {system["outcome"] for system in data["systems"]} == {"done"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "cloud_name: debian-12",
            "cloud_name: kylin-v10",
            "no image 'kylin-v10' (it has: debian-12",
        ),
        (
            "site:",
            "external_network: wan\nsite:",
            "no external network 'wan' (it has: public)",
        ),
        (
            "  catalog:",
            "  catalog:\n    flavors: {small: {cloud_name: s6.small.1}}",
            "no flavor 's6.small.1' (it has: ",
        ),
    ],
)
def test_what_the_cloud_does_not_have(city: Any, old: str, new: str, message: str) -> None:
    path = city.site / "environments" / "sandbox.yaml"
    text = path.read_text()
    try:
        path.write_text(text.replace(old, new))
        answer = city.run("preview")
    finally:
        path.write_text(text)
    assert (answer.exit_code, answer.error["code"]) == (11, "catalog")
    assert message in answer.error["message"]


def test_a_wrong_passphrase(city: Any) -> None:
    city.run("up", "--yes")
    path = city.place / "passphrase"
    right = path.read_text()
    try:
        path.write_text("another")
        answer = city.run("up", "--yes", "platform")
    finally:
        path.write_text(right)
    assert answer.exit_code == 5
    (platform,) = answer.envelope["data"]["systems"]
    assert platform["error"] == "the passphrase does not fit this environment's state"
    assert "restore the passphrase file" in platform["hint"]
    assert city.run("up", "--yes").exit_code == 0


def test_a_lost_passphrase(city: Any) -> None:
    path = city.place / "passphrase"
    right = path.read_text()
    try:
        path.unlink()
        answer = city.run("up", "--yes")
    finally:
        path.write_text(right)
    assert (answer.exit_code, answer.error["code"]) == (5, "state")


def test_a_corrupt_checkpoint(city: Any) -> None:
    city.run("up", "--yes")
    path = city.place / "pulumi" / ".pulumi" / "stacks" / "data-service" / "dat-rdb.json"
    right = path.read_text()
    try:
        path.write_text(right[: len(right) // 2])
        answer = city.run("up", "--yes")
    finally:
        path.write_text(right)
    assert answer.exit_code == 5
    failed = {s["id"]: s["error"] for s in answer.envelope["data"]["systems"] if s["error"]}
    assert failed == {"dat-rdb": "the engine cannot read the stack's state"}
    assert city.run("up", "--yes").exit_code == 0


def test_a_corrupt_record(city: Any) -> None:
    path = city.place / "records" / "dat-rdb.json"
    right = path.read_text()
    try:
        path.write_text("{")
        answer = city.run("status")
    finally:
        path.write_text(right)
    assert (answer.exit_code, answer.error["code"]) == (5, "state")
    assert "it is damaged" in answer.error["message"]


def test_an_environment_that_is_not_disposable_is_not_taken_down(city: Any) -> None:
    path = city.site / "environments" / "sandbox.yaml"
    text = path.read_text()
    try:
        path.write_text(text.replace("disposable: true", "disposable: false"))
        answer = city.run("down", "--yes")
    finally:
        path.write_text(text)
    assert (answer.exit_code, answer.error["code"]) == (10, "protected")


def test_a_second_run_is_refused_while_one_is_under_way(city: Any) -> None:
    with subprocess.Popen(
        city.command("down", "--yes", "app-hal"),
        env=city.variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stderr
        next(line for line in first.stderr if "app-hal" in line)
        answer = city.run("up", "--yes", "--no-wait")
        first.stderr.read()
    assert (answer.exit_code, answer.error["code"]) == (7, "locked")
    assert f"(process {first.pid})" in answer.error["message"]
    assert first.returncode == 0


def test_an_interrupted_run_can_be_taken_up_again(city: Any) -> None:
    city.run("down", "--yes")
    with subprocess.Popen(
        city.command("--verbose", "up", "--yes"),
        env=city.variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as run:
        assert run.stderr
        next(line for line in run.stderr if "Port" in line and "yz-dat" in line)
        os.kill(run.pid, signal.SIGINT)
        said = run.stderr.read()
    assert run.returncode == 130, said
    assert "run the same command again" in said
    again = city.run("up", "--yes")
    assert again.exit_code == 0, again.stdout
    assert {s["outcome"] for s in city.run("up", "--yes", "--all").data["systems"]} == {"unchanged"}
