"""The salt and the key of an environment's secrets, made once for all stacks and runs.

The engine seals secrets with a key that it makes from passphrase and salt by a million rounds of
hashing, for each stack and in each run.  Stacks of an environment share its passphrase, so they
share a salt, too; its key is kept in a file beside the passphrase, as private as that is.
"""

import base64
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from govstack.engine.checkpoint import checkpoint_path
from govstack.engine.job import Engine
from govstack.site.kinds import Layer
from govstack.site.model import PLATFORM

ROUNDS: Final = 1_000_000
KEY_BYTES, SALT_BYTES, NONCE_BYTES = 32, 8, 12
WORD: Final = b"pulumi"
"""What the engine seals with a salt, to know the right passphrase."""

SALT: Final = re.compile(r"^encryptionsalt: v1:([A-Za-z0-9+/]+=*):", re.MULTILINE)

PASSPHRASE: Final = "PULUMI_CONFIG_PASSPHRASE_FILE"  # noqa: S105 - where it is, not what
KEYS: Final = "PULUMI_CONFIG_PASSPHRASE_KEY_FILE"
"""Names the file with the keys to the engine; one that was not built by us makes its own."""


def prepare_secrets(engine: Engine) -> None:
    """Have a salt for new stacks, and the keys of all salts in the file that `KEYS` names.

    With a key manager there is one key, which the engine has it open in each run.
    """
    model = settings_path(engine, Layer.INFRASTRUCTURE.value, PLATFORM)
    if engine.settings:
        if not model.exists():
            put(model, engine.settings)
        return
    phrase = Path(engine.variables[PASSPHRASE]).read_bytes().strip()
    path = Path(engine.variables[KEYS])
    before = _read(path)
    known = dict(before)
    backed = checkpoint_path(engine.backend, Layer.INFRASTRUCTURE.value, PLATFORM)
    if not model.exists() and not backed.exists():
        salt = os.urandom(SALT_BYTES)
        known |= _entry(phrase, salt, known)
        put(model, f"encryptionsalt: {_sealed(salt, known[_source(phrase, salt)])}\n")
    entries: dict[str, bytes] = {}
    for salt in _salts(engine):
        entries |= _entry(phrase, salt, known)
    if entries != before:
        put(path, "".join(f"{source} {key.hex()}\n" for source, key in entries.items()))


def settings_path(engine: Engine, project: str, name: str) -> Path:
    """Return the file with the settings of a stack, its salt among them."""
    return engine.workspaces / project / name / f"Pulumi.{name}.yaml"


def put(path: Path, text: str) -> None:
    """Write a private file, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.touch(mode=0o600)
    temporary.write_text(text, encoding="utf-8")
    temporary.rename(path)


def _salts(engine: Engine) -> Iterator[bytes]:
    texts = {path.read_bytes() for path in sorted(engine.workspaces.glob("*/*/Pulumi.*.yaml"))}
    found = {match[1] for text in texts if (match := SALT.search(text.decode("utf-8")))}
    for salt in sorted(found):
        yield base64.b64decode(salt)


def _entry(phrase: bytes, salt: bytes, known: dict[str, bytes]) -> dict[str, bytes]:
    source = _source(phrase, salt)
    key = known.get(source) or hashlib.pbkdf2_hmac("sha256", phrase, salt, ROUNDS, KEY_BYTES)
    return {source: key}


def _source(phrase: bytes, salt: bytes) -> str:
    return hashlib.sha256(phrase + salt).hexdigest()


def _read(path: Path) -> dict[str, bytes]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return {source: bytes.fromhex(key) for source, key in (line.split() for line in lines)}


def _sealed(salt: bytes, key: bytes) -> str:
    """Return what the engine writes down of a salt."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - seldom needed

    nonce = os.urandom(NONCE_BYTES)
    parts = (salt, nonce, AESGCM(key).encrypt(nonce, WORD, None))
    first, *rest = (base64.b64encode(part).decode() for part in parts)
    return f"v1:{first}:v1:{':'.join(rest)}"
