import base64
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from govstack.engine import salt
from govstack.engine.birth import make_like_platform
from govstack.engine.checkpoint import checkpoint_path
from govstack.engine.job import Engine, Job, Verb
from govstack.engine.salt import KEYS, PASSPHRASE, prepare_secrets, settings_path
from govstack.site.kinds import Layer


@pytest.fixture(autouse=True)
def _few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(salt, "ROUNDS", 2)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    (tmp_path / "passphrase").write_text("long and random\n")
    return Engine(
        program=Path("pulumi"),
        version="3.259.0",
        backend=tmp_path / "backend",
        workspaces=tmp_path / "workspaces",
        variables={PASSPHRASE: str(tmp_path / "passphrase"), KEYS: str(tmp_path / "keys")},
        calls_at_once=1,
    )


def kept(engine: Engine) -> list[str]:
    return Path(engine.variables[KEYS]).read_text().splitlines()


def test_a_new_environment_has_a_salt_that_opens_with_its_passphrase(engine: Engine) -> None:
    prepare_secrets(engine)
    path = settings_path(engine, "infrastructure", "platform")
    _, version, code, _, nonce, sealed = path.read_text().replace(": ", ":").strip().split(":")
    key = hashlib.pbkdf2_hmac("sha256", b"long and random", base64.b64decode(code), 2, 32)
    assert version == "v1"
    assert AESGCM(key).decrypt(base64.b64decode(nonce), base64.b64decode(sealed), None) == b"pulumi"
    source = hashlib.sha256(b"long and random" + base64.b64decode(code)).hexdigest()
    assert kept(engine) == [f"{source} {key.hex()}"]
    assert {each.stat().st_mode & 0o777 for each in (path, Path(engine.variables[KEYS]))} == {0o600}


def test_salt_and_key_stay(engine: Engine) -> None:
    prepare_secrets(engine)
    files = (settings_path(engine, "infrastructure", "platform"), Path(engine.variables[KEYS]))
    before = [(path.read_text(), path.stat().st_mtime_ns) for path in files]
    prepare_secrets(engine)
    assert [(path.read_text(), path.stat().st_mtime_ns) for path in files] == before


def test_another_passphrase_has_other_keys_and_leaves_none_behind(engine: Engine) -> None:
    prepare_secrets(engine)
    before = kept(engine)
    Path(engine.variables[PASSPHRASE]).write_text("another")
    prepare_secrets(engine)
    assert len(kept(engine)) == 1
    assert kept(engine) != before


def test_stacks_that_have_salts_of_their_own_keep_them(engine: Engine) -> None:
    checkpoint = checkpoint_path(engine.backend, "infrastructure", "platform")
    checkpoint.parent.mkdir(parents=True)
    checkpoint.write_text("{}")
    for number, name in enumerate(("app-oa", "app-hal", "app-odp")):
        path = settings_path(engine, "application-support", name)
        path.parent.mkdir(parents=True)
        code = base64.b64encode(bytes([number % 2] * 8)).decode()
        path.write_text(f"encryptionsalt: v1:{code}:v1:a:b\n")
    prepare_secrets(engine)
    assert len(kept(engine)) == 2
    assert not settings_path(engine, "infrastructure", "platform").exists()


def test_a_stack_elsewhere_is_made_with_the_salt_of_the_environment(
    engine: Engine, tmp_path: Path
) -> None:
    prepare_secrets(engine)
    aside = replace(engine, backend=tmp_path / "b", workspaces=tmp_path / "w")
    job = Job(verb=Verb.PREVIEW, system="app-oa", layer=Layer.APPLICATION_SUPPORT, engine=aside)
    assert not make_like_platform(job, aside)
    assert make_like_platform(job, engine)
    model = settings_path(engine, "infrastructure", "platform").read_text()
    assert settings_path(aside, "application-support", "app-oa").read_text() == model
    assert not engine.backend.exists()
