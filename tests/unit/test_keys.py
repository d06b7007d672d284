"""A key manager's key: what it protects opens with it alone, and it follows the state."""

import base64
import json
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from govstack.engine.job import Engine
from govstack.engine.salt import prepare_secrets
from govstack.errors import KeyManagerFailed, StateUnreadable
from govstack.operations import secrets as rotation
from govstack.operations.engines import secret_variables
from govstack.operations.holding import holding, kept_of
from govstack.operations.session import Session, open_session
from govstack.operations.state import backup, list_state, restore
from govstack.operations.target import Target
from govstack.state import keys
from govstack.state.places import Places
from govstack.state.secrets import passphrase
from govstack.state.vault import read_vault, write_vault
from govstack.values.observer import Silent
from govstack.values.secret import Secret

SILENT = Silent()
MANAGER = "hashivault://yunzhou"
STACK = "pulumi/.pulumi/stacks/data-service/dat-rdb.json"
SETTINGS = "workspaces/data-service/dat-rdb/Pulumi.dat-rdb.yaml"


class Manager:
    """A key manager in memory."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}
        self.asked = 0


@dataclass
class Asker:
    """One who asks it, in place of the real client."""

    manager: Manager
    address: str

    def wrap(self, key: bytes) -> str:
        text = f"vault:v1:{self.address}:{secrets.token_hex(8)}"
        self.manager.known[text] = key
        return text

    def unwrap(self, wrapped: str) -> bytes:
        self.manager.asked += 1
        if wrapped not in self.manager.known or self.address not in wrapped:
            raise KeyManagerFailed("no such key")
        return self.manager.known[wrapped]


@pytest.fixture(autouse=True)
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    made = Manager()
    monkeypatch.setattr(keys, "Transit", partial(Asker, made))
    keys._unwrapped.cache_clear()
    yield made
    keys._unwrapped.cache_clear()


@pytest.fixture(params=["files", "store"])
def target(request: pytest.FixtureRequest, yunzhou: Path, tmp_path: Path) -> Target:
    if request.param == "store":
        say(yunzhou, f"backend: {(tmp_path / 'share').as_uri()}")
    say(yunzhou, f"secrets: {MANAGER}")
    return Target(
        root=yunzhou,
        environment="production",
        state_home=tmp_path / "one",
        cache_home=tmp_path / "cache",
    )


def say(site: Path, line: str = "", without: str = "") -> None:
    path = site / "environments" / "production.yaml"
    text = path.read_text(encoding="utf-8")
    assert without in text
    path.write_text(f"{text.replace(without, '')}{line}\n", encoding="utf-8")


def fill(session: Session) -> None:
    """Make a state as the engine makes it, with a planted secret of each kind."""
    places = session.places
    with holding(session, SILENT, "up"):
        phrase = passphrase(places)
        wrapped = keys.wrapped_in(places)
        assert wrapped
        state = {"url": wrapped.manager, "encryptedkey": wrapped.encoded}
        latest = {
            "secrets_providers": {"type": "cloud", "state": state},
            "outputs": {"ciphertext": sealed(wrapped.key, b'"planted"')},
        }
        (places.root / STACK).parent.mkdir(parents=True)
        (places.root / STACK).write_text(json.dumps({"checkpoint": {"latest": latest}}))
        (places.root / SETTINGS).parent.mkdir(parents=True)
        (places.root / SETTINGS).write_text(wrapped.settings + "config: {}\n")
        write_vault(places, "dat-rdb", {"db": ("user", Secret("planted"))}, phrase)


def sealed(key: bytes, data: bytes) -> str:
    body = AESGCM(key).encrypt(b"n" * 12, data, None)
    return f"v1:{base64.b64encode(b'n' * 12).decode()}:{base64.b64encode(body).decode()}"


def opened(places: Places, key: bytes) -> bytes:
    text = (places.root / STACK).read_text()
    (found,) = re.findall(r'"ciphertext": "v1:([^:]+):([^"]+)"', text)
    nonce, body = map(base64.b64decode, found)
    return AESGCM(key).decrypt(nonce, body, None)


def check(session: Session) -> keys.Wrapped:
    """See that all opens with the environment's wrapped key, and that nothing has it in clear."""
    places = session.places
    wrapped = keys.wrapped_in(places)
    assert wrapped
    assert wrapped.manager == session.plan.environment.secrets
    assert opened(places, wrapped.key) == b'"planted"'
    assert (places.root / SETTINGS).read_text() == wrapped.settings + "config: {}\n"
    said = json.loads((places.root / STACK).read_text())["checkpoint"]["latest"]
    assert said["secrets_providers"] == {
        "type": "cloud",
        "state": {"url": wrapped.manager, "encryptedkey": wrapped.encoded},
    }
    phrase = passphrase(places)
    found = read_vault(places.vault / "dat-rdb.yml", phrase)
    assert found["credentials"]["db"]["password"] == "planted"
    kept = b"".join(path.read_bytes() for path in places.root.rglob("*") if path.is_file())
    for clear in (wrapped.key, wrapped.key.hex().encode(), phrase.reveal().encode()):
        assert clear not in kept
        assert base64.b64encode(clear) not in kept
    assert not places.passphrase.exists()
    return wrapped


def test_a_run_asks_the_key_manager_once_and_keeps_the_key_wrapped(
    target: Target, manager: Manager
) -> None:
    session = open_session(target)
    fill(session)
    with holding(session, SILENT, "up"):
        check(session)
    assert manager.asked == 1
    report = list_state(target, SILENT).data
    assert (report.key_manager, report.passphrase) == (MANAGER, "")
    assert len(report.backups) == 1


def test_the_engine_is_told_of_the_key_and_who_asks(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_ADDR", "https://vault.example:8200/")
    monkeypatch.setenv("VAULT_TOKEN", "planted")
    session = open_session(target)
    fill(session)
    assert secret_variables(session.places) == {
        "VAULT_SERVER_URL": "https://vault.example:8200",
        "VAULT_SERVER_TOKEN": "planted",
    }
    engine = Engine(
        program=tmp_path / "pulumi",
        version="3.0.0",
        backend=tmp_path / "backend",
        workspaces=tmp_path / "workspaces",
        variables={},
        calls_at_once=1,
        settings="secretsprovider: x\n",
    )
    path = tmp_path / "workspaces" / "infrastructure" / "platform" / "Pulumi.platform.yaml"
    prepare_secrets(engine)
    assert path.read_text() == "secretsprovider: x\n"
    prepare_secrets(replace(engine, settings="secretsprovider: y\n"))
    assert path.read_text() == "secretsprovider: x\n"


def test_a_new_key_is_made_and_nothing_opens_with_the_old_one(target: Target) -> None:
    session = open_session(target)
    fill(session)
    before = check(session)
    report = rotation.rotate(target, SILENT).data
    assert (report.key_manager, report.files) == (MANAGER, 3)
    after = check(session)
    assert after != before
    with pytest.raises(InvalidTag):
        opened(session.places, before.key)
    with holding(session, SILENT, "up"):
        check(session)


def test_an_environment_goes_from_passphrase_to_key_manager_and_back(
    target: Target, yunzhou: Path
) -> None:
    say(yunzhou, without=f"secrets: {MANAGER}")
    session = open_session(target)
    say(yunzhou, f"secrets: {MANAGER}")
    managed = open_session(target)
    fill(managed)
    say(yunzhou, without=f"secrets: {MANAGER}")
    told = "encrypted with hashivault://yunzhou, and its file says nothing of a key manager"
    with pytest.raises(StateUnreadable, match=told), holding(session, SILENT, "up"):
        pytest.fail("another kind of key is used than was said")
    assert rotation.rotate(target, SILENT).data.key_manager == ""
    assert session.places.passphrase.exists()
    assert not session.places.wrapped_key.exists()
    provider = json.loads((session.places.root / STACK).read_text())["checkpoint"]["latest"]
    assert provider["secrets_providers"]["type"] == "passphrase"
    assert (session.places.root / SETTINGS).read_text().startswith("encryptionsalt: v1:")
    with holding(session, SILENT, "up"):
        pass
    told = "encrypted with a passphrase, and its file says hashivault://yunzhou"
    with pytest.raises(StateUnreadable, match=told), holding(managed, SILENT, "up"):
        pytest.fail("another kind of key is used than was said")
    say(yunzhou, f"secrets: {MANAGER}")
    assert rotation.rotate(target, SILENT).data.key_manager == MANAGER
    check(open_session(target))


def test_a_rotation_that_was_interrupted_goes_on_with_what_it_prepared(
    target: Target, yunzhou: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = open_session(target)
    fill(session)
    before = check(session)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rotation, "forget_store", killed)
        with pytest.raises(KeyboardInterrupt):
            rotation.rotate(target, SILENT)
    # What the file says meanwhile must not make it remove the only key that there is.
    say(yunzhou, without=f"secrets: {MANAGER}")
    with suppress(StateUnreadable):
        list_state(target, SILENT)
    rotation.rotate(target, SILENT)
    say(yunzhou, f"secrets: {MANAGER}")
    assert check(session) != before


@pytest.mark.parametrize("target", ["store"], indirect=True)
def test_another_machine_needs_nothing_but_the_store_and_the_key_manager(
    target: Target, tmp_path: Path, yunzhou: Path
) -> None:
    one = open_session(target)
    fill(one)
    two = open_session(replace(target, state_home=tmp_path / "two"))
    with holding(two, SILENT, "up"):
        assert check(two) == check(one)
    # A new key comes with the state, too.
    rotation.rotate(target, SILENT)
    with holding(two, SILENT, "up"):
        assert check(two) == check(one)
    # One who goes on with the key that the state does not have any more is told.
    say(yunzhou, without=f"secrets: {MANAGER}")
    rotation.rotate(target, SILENT)
    with pytest.raises(StateUnreadable, match="with a passphrase, and not with"):
        kept_of(two)


@pytest.mark.parametrize("target", ["files"], indirect=True)
def test_a_backup_brings_its_key(target: Target, tmp_path: Path) -> None:
    session = open_session(target)
    fill(session)
    path = tmp_path / "backup.tar"
    backup(target, SILENT, path)
    before = check(session)
    # After a new key was made, what the backup holds is encrypted with that.
    rotation.rotate(target, SILENT)
    after = check(session)
    restore(target, SILENT, str(path))
    assert check(session) == after != before
    # All is gone: the key is used that the backup was made with.
    shutil.rmtree(session.places.root)
    assert restore(target, SILENT, str(path)).data.key_manager == MANAGER
    assert check(session) == before


@pytest.mark.parametrize("target", ["files"], indirect=True)
@pytest.mark.parametrize("text", ["", "{}", '{"format": 2, "manager": "m", "wrapped": "w"}'])
def test_a_damaged_key_file_is_told(target: Target, text: str) -> None:
    session = open_session(target)
    fill(session)
    session.places.wrapped_key.write_text(text)
    with pytest.raises(StateUnreadable, match=r"wrapped-key\.json cannot be read"):
        passphrase(session.places)


@pytest.mark.parametrize("target", ["files"], indirect=True)
def test_a_lost_key_file_is_not_replaced_in_silence(target: Target) -> None:
    session = open_session(target)
    fill(session)
    session.places.wrapped_key.unlink()
    with pytest.raises(StateUnreadable, match="is missing"):
        passphrase(session.places)
