"""Encrypts and signs for applications, with keys that never leave their token.

The token is spoken to by PKCS#11, so that a hardware module can stand in place of SoftHSM.  Who
used which key for what, and whether it was allowed, is written to the log; data never are.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import sys
import threading
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import PyKCS11 as Token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LABEL, LABEL_WIDTH = "govstack", 32
P256 = bytes.fromhex("06082a8648ce3d030107")
"""The curve, as its object identifier is encoded."""
PUBLIC = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
"""What stands before a point of the curve in a public key (RFC 5480)."""
NONCE, MARK_BITS, HALF = 12, 128, 32
LARGEST = 1 << 20


class Refused(Exception):
    """A request that is answered by a status and a reason."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def credential(name: str) -> str:
    """Return what the service manager holds ready for this service alone."""
    return Path(os.environ["CREDENTIALS_DIRECTORY"], name).read_text(encoding="utf-8").strip()


DECLARED: dict[str, Any] = json.loads(credential("declared"))
KEYS = {key["name"]: key for key in DECLARED["keys"]}
TURN = threading.Lock()
"""A session of a token does one thing at a time."""


def open_token() -> Any:  # noqa: ANN401 - the library has no types
    """Open the token, made first if there is none yet."""
    module, pin = Token.PyKCS11Lib(), credential("pin")
    module.load(os.environ["MODULE"])
    slot = find(module)
    if slot is None:
        free = module.getSlotList(tokenPresent=True)[-1]
        module.initToken(free, pin, LABEL.ljust(LABEL_WIDTH))
        slot = find(module)
        session = module.openSession(slot, Token.CKF_SERIAL_SESSION | Token.CKF_RW_SESSION)
        session.login(pin, Token.CKU_SO)
        session.initPin(pin)
        session.logout()
        session.closeSession()
    session = module.openSession(slot, Token.CKF_SERIAL_SESSION | Token.CKF_RW_SESSION)
    session.login(pin)
    return session


def find(module: Any) -> Any:  # noqa: ANN401 - the library has no types
    """Return the slot of our token."""
    for slot in module.getSlotList(tokenPresent=True):
        if module.getTokenInfo(slot).label.strip("\0 ") == LABEL:
            return slot
    return None


def own(kind: int, name: str) -> list[tuple[int, Any]]:
    """Return what tells a key in the token."""
    return [(Token.CKA_CLASS, kind), (Token.CKA_LABEL, name)]


def make(name: str, kind: str) -> None:
    """Make a key in the token, which cannot be read out of it."""
    kept = [(Token.CKA_TOKEN, True), (Token.CKA_LABEL, name)]
    shut = [*kept, (Token.CKA_PRIVATE, True), (Token.CKA_SENSITIVE, True)]
    shut.append((Token.CKA_EXTRACTABLE, False))
    if kind == "encryption":
        uses = [(Token.CKA_ENCRYPT, True), (Token.CKA_DECRYPT, True), (Token.CKA_VALUE_LEN, 32)]
        mechanism = Token.Mechanism(Token.CKM_AES_KEY_GEN)
        SESSION.generateKey([*shut, *uses], mecha=mechanism)
    else:
        public = [*kept, (Token.CKA_VERIFY, True), (Token.CKA_EC_PARAMS, P256)]
        mechanism = Token.Mechanism(Token.CKM_EC_KEY_PAIR_GEN)
        SESSION.generateKeyPair(public, [*shut, (Token.CKA_SIGN, True)], mecha=mechanism)


def found(kind: int, name: str) -> Any:  # noqa: ANN401 - the library has no types
    """Return a key of the token."""
    return SESSION.findObjects(own(kind, name))[0]


def make_missing() -> None:
    """Make the keys that are declared and not there yet."""
    for key in DECLARED["keys"]:
        secret = key["kind"] == "encryption"
        kind = Token.CKO_SECRET_KEY if secret else Token.CKO_PRIVATE_KEY
        if not SESSION.findObjects(own(kind, key["name"])):
            make(key["name"], key["kind"])


def encrypt(name: str, asked: dict[str, Any]) -> dict[str, str]:
    """Encrypt data; what belongs to it, such as a record's number, must be told to decrypt it."""
    nonce = secrets.token_bytes(NONCE)
    mechanism = Token.AES_GCM_Mechanism(nonce, taken(asked, "context"), MARK_BITS)
    key = found(Token.CKO_SECRET_KEY, name)
    told = bytes(SESSION.encrypt(key, taken(asked, "data"), mechanism))
    return {"data": given(nonce + told)}


def decrypt(name: str, asked: dict[str, Any]) -> dict[str, str]:
    """Decrypt what this key has encrypted."""
    data = taken(asked, "data")
    mechanism = Token.AES_GCM_Mechanism(data[:NONCE], taken(asked, "context"), MARK_BITS)
    try:
        key = found(Token.CKO_SECRET_KEY, name)
        return {"data": given(bytes(SESSION.decrypt(key, data[NONCE:], mechanism)))}
    except Token.PyKCS11Error as failed:
        reason = "this was not encrypted by this key, or with another context, or was changed"
        raise Refused(HTTPStatus.BAD_REQUEST, reason) from failed


def sign(name: str, asked: dict[str, Any]) -> dict[str, str]:
    """Sign data."""
    digest = hashlib.sha256(taken(asked, "data")).digest()
    mechanism = Token.Mechanism(Token.CKM_ECDSA)
    raw = bytes(SESSION.sign(found(Token.CKO_PRIVATE_KEY, name), digest, mechanism))
    body = integer(raw[:HALF]) + integer(raw[HALF:])
    return {"signature": given(b"\x30" + bytes([len(body)]) + body), "public": public(name)}


def integer(number: bytes) -> bytes:
    """Return a number of a signature as DER has it."""
    short = number.lstrip(b"\0")
    short = b"\0" + short if not short or short[0] & 0x80 else short
    return b"\x02" + bytes([len(short)]) + short


def public(name: str) -> str:
    """Return the public key, by which everybody can look at signatures."""
    key = found(Token.CKO_PUBLIC_KEY, name)
    point = bytes(SESSION.getAttributeValue(key, [Token.CKA_EC_POINT])[0])
    return given(PUBLIC + point[2:])


USES: dict[str, tuple[str, Callable[[str, dict[str, Any]], dict[str, str]]]] = {
    "encrypt": ("encryption", encrypt),
    "decrypt": ("encryption", decrypt),
    "sign": ("signature", sign),
}


def taken(asked: dict[str, Any], name: str) -> bytes:
    """Return bytes that were sent; they come in base64."""
    try:
        return base64.b64decode(str(asked.get(name, "")), validate=True)
    except ValueError as failed:
        raise Refused(HTTPStatus.BAD_REQUEST, f"`{name}` is in base64") from failed


def given(data: bytes) -> str:
    """Return bytes as they are sent."""
    return base64.b64encode(data).decode()


def who(environ: dict[str, Any]) -> str:
    """Return the account that asks, once it has shown its password."""
    kind, _, told = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    try:
        name, _, password = base64.b64decode(told, validate=True).decode().partition(":")
    except ValueError:
        kind = name = password = ""
    kept = DECLARED["accounts"].get(name, "")
    digest = hashlib.sha256(password.encode()).hexdigest()
    if kind.lower() != "basic" or not hmac.compare_digest(kept, digest):
        raise Refused(HTTPStatus.UNAUTHORIZED, "an account and its password are needed")
    return name


def body(environ: dict[str, Any]) -> dict[str, Any]:
    """Return what was sent."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > LARGEST:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "this is too much at once")
    try:
        asked = json.loads(environ["wsgi.input"].read(length))
    except ValueError as failed:
        raise Refused(HTTPStatus.BAD_REQUEST, f"this is no JSON: {failed}") from failed
    if not isinstance(asked, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, "this takes an object")
    return asked


def answer(environ: dict[str, Any], account: str) -> dict[str, str]:
    """Use a key for an account."""
    parts = [part for part in environ.get("PATH_INFO", "/").split("/") if part]
    if environ["REQUEST_METHOD"] != "POST" or len(parts) != 3 or parts[0] != "keys":  # noqa: PLR2004
        raise Refused(HTTPStatus.NOT_FOUND, "keys are used by POST at /keys/NAME/USE")
    key, use = KEYS.get(parts[1]), USES.get(parts[2])
    if key is None or account not in key["users"]:
        raise Refused(HTTPStatus.FORBIDDEN, f"{account} has no such key")
    if use is None or use[0] != key["kind"]:
        raise Refused(HTTPStatus.BAD_REQUEST, f"this key is for {key['kind']}")
    asked = body(environ)
    with TURN:
        return use[1](key["name"], asked)


def answered(environ: dict[str, Any]) -> tuple[HTTPStatus, dict[str, Any]]:
    """Answer a request, and write down who used what."""
    if environ.get("PATH_INFO") == "/health":
        return HTTPStatus.OK, {"healthy": True}
    account = "-"
    try:
        account = who(environ)
        status, told = HTTPStatus.OK, answer(environ, account)
    except Refused as refused:
        status, told = refused.status, {"reason": refused.reason}
    asked, visitor = repr(environ.get("PATH_INFO", "/")), environ.get("HTTP_X_FORWARDED_FOR", "-")
    sys.stderr.write(f"use account={account} from={visitor} {asked} {status.value}\n")
    sys.stderr.flush()
    return status, told


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Speak to the server, as WSGI has it."""
    status, told = answered(environ)
    text = (json.dumps(told, ensure_ascii=False) + "\n").encode()
    headers = [("Content-Type", "application/json; charset=utf-8")]
    headers += [("Content-Length", str(len(text))), ("Cache-Control", "no-store")]
    start(f"{status.value} {status.phrase}", headers)
    return [text]


SESSION = open_token()
make_missing()
