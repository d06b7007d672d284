"""A new passphrase: everything opens with it, nothing with the old one."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from govstack.errors import StateUnreadable
from govstack.operations import secrets as module
from govstack.operations.holding import holding, reading
from govstack.operations.session import open_session
from govstack.operations.state import list_state
from govstack.operations.target import Target
from govstack.state import rekey
from govstack.state.keys import Keys
from govstack.state.places import Places
from govstack.state.secrets import passphrase
from govstack.state.vault import write_vault
from govstack.values.observer import Silent
from govstack.values.secret import Secret

SILENT = Silent()
STACK = "pulumi/.pulumi/stacks/data-service/dat-rdb.json"
SETTINGS = "workspaces/data-service/dat-rdb/Pulumi.dat-rdb.yaml"


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rekey, "ROUNDS", 3)
    rekey._engine_key.cache_clear()


def key(text: str, salt: str) -> AESGCM:
    found = hashlib.pbkdf2_hmac("sha256", text.encode(), base64.b64decode(salt), rekey.ROUNDS, 32)
    return AESGCM(found)


def seal(text: str, salt: str, data: bytes) -> str:
    nonce = b"n" * 12
    body = key(text, salt).encrypt(nonce, data, None)
    return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(body).decode()}"


def secrets_of(places: Places, text: str) -> dict[str, bytes]:
    """What the files of the stack hold, opened as the engine would."""
    found = {}
    for path in (STACK, SETTINGS):
        content = (places.root / path).read_text(encoding="utf-8")
        salt, word = re.findall(r"v1:([^:\"]+):(v1:[^:]+:[^\s\"]+)", content)[0]
        sealed = re.findall(r'"ciphertext": "([^"]+)"', content)
        for number, each in enumerate([word, *sealed]):
            _, nonce, body = each.split(":")
            opened = key(text, salt).decrypt(base64.b64decode(nonce), base64.b64decode(body), None)
            found[f"{path} {number}"] = opened
    return found


@pytest.fixture(params=["files", "store"])
def target(request: pytest.FixtureRequest, yunzhou: Path, tmp_path: Path) -> Target:
    """A city with a state that holds a secret of each kind."""
    if request.param == "store":
        path = yunzhou / "environments" / "production.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(f"{text}\nbackend: {(tmp_path / 'share').as_uri()}\n", encoding="utf-8")
    target = Target(
        root=yunzhou,
        environment="production",
        state_home=tmp_path / "one",
        cache_home=tmp_path / "cache",
    )
    session = open_session(target)
    with holding(session, SILENT, "up"):
        old = passphrase(session.places)
        salt = base64.b64encode(b"salt" * 2).decode()
        state = f"v1:{salt}:{seal(old.reveal(), salt, b'pulumi')}"
        sealed = {"ciphertext": seal(old.reveal(), salt, b'"planted"')}
        checkpoint = {"latest": {"secrets_providers": {"salt": state}, "outputs": sealed}}
        files: Mapping[str, str] = {
            STACK: json.dumps({"checkpoint": checkpoint, "note": "v1:not:sealed"}),
            SETTINGS: f"encryptionsalt: {state}\n",
            "passwords.json": "{}",
        }
        for path, text in files.items():
            (session.places.root / path).parent.mkdir(parents=True, exist_ok=True)
            (session.places.root / path).write_text(text, encoding="utf-8")
        write_vault(session.places, "dat-rdb", {"db": ("user", Secret("planted"))}, old)
    with holding(session, SILENT, "up"):
        pass
    return target


OPENED = {f"{STACK} 0": b"pulumi", f"{STACK} 1": b'"planted"', f"{SETTINGS} 0": b"pulumi"}


def check(target: Target, old: str) -> None:
    session = open_session(target)
    places = session.places
    new = places.passphrase.read_text(encoding="utf-8")
    assert new != old
    assert secrets_of(places, new) == OPENED
    with pytest.raises(InvalidTag):
        secrets_of(places, old)
    vault = VaultLib([("default", VaultSecret(new.encode()))])
    sealed = (places.vault / "dat-rdb.yml").read_bytes()
    assert json.loads(vault.decrypt(sealed))["credentials"]["db"]["password"] == "planted"
    assert not (places.root / "rotating").exists()
    assert list_state(target, SILENT).data.backups == ()
    with holding(session, SILENT, "up"):
        pass


def test_all_that_is_kept_opens_with_the_new_passphrase_alone(target: Target) -> None:
    session = open_session(target)
    old = session.places.passphrase.read_text(encoding="utf-8")
    assert module.rotate(target, SILENT).data.files == 4
    check(target, old)
    if session.plan.environment.backend:
        session.places.passphrase.write_text(old, encoding="utf-8")
        (session.places.root / "copy.json").unlink()
        with pytest.raises(StateUnreadable, match="this machine's passphrase"), reading(session):
            pytest.fail("the old passphrase opens the store")


@pytest.mark.parametrize("target", ["files"], indirect=True)
def test_another_machine_goes_on_with_a_copy_of_the_new_passphrase(target: Target) -> None:
    session = open_session(target)
    # As if it had been changed elsewhere: what is here was made with the old one.
    places = session.places
    old = Secret(places.passphrase.read_text(encoding="utf-8"))
    new = Secret("brought from the other machine")
    files = {path: (places.root / path).read_bytes() for path in (STACK, SETTINGS)}
    for path, data in rekey.rekeyed(files, Keys(old), Keys(new)).items():
        (places.root / path).write_bytes(data)
    places.passphrase.write_text(new.reveal(), encoding="utf-8")
    assert list_state(target, SILENT).data.backups == ()
    with holding(session, SILENT, "up"):
        pass
    assert [each.number for each in list_state(target, SILENT).data.backups] == [1]
    assert len(list(places.root.glob("aside/*/backups/books/*"))) == 1


@pytest.mark.parametrize("moved", [0, 2, 5])
def test_an_interrupted_change_is_finished(
    target: Target, moved: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = open_session(target)
    old = session.places.passphrase.read_text(encoding="utf-8")
    real, left = Path.replace, [moved]

    def dies(self: Path, to: Path) -> Path:
        left[0] -= 1
        if left[0] < 0:
            raise InterruptedError
        return real(self, to)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", dies)
        if moved == 5:
            patch.setattr(module, "forget_store", dies)
        with pytest.raises((InterruptedError, TypeError)):
            module.rotate(target, SILENT)
    with (
        pytest.raises(StateUnreadable, match="which was interrupted") as caught,
        holding(session, SILENT, "up"),
    ):
        pytest.fail("a run begins in between")
    assert caught.value.hint == "govstack secrets rotate goes on with it"
    module.rotate(target, SILENT)
    check(target, old)


def test_what_does_not_open_leaves_all_as_it_was(target: Target) -> None:
    session = open_session(target)
    path = session.places.root / STACK
    text = path.read_text(encoding="utf-8")
    damaged = re.sub(r'("ciphertext": "v1:[^:]+:)..', r"\1AA", text)
    path.write_text(damaged, encoding="utf-8")
    old = session.places.passphrase.read_text(encoding="utf-8")
    with pytest.raises(StateUnreadable, match=r"dat-rdb\.json does not open"):
        module.rotate(target, SILENT)
    assert path.read_text(encoding="utf-8") == damaged
    assert session.places.passphrase.read_text(encoding="utf-8") == old
    with holding(session, SILENT, "up"):
        pass
