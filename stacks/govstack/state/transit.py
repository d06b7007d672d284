"""A key manager that wraps the key of an environment's secrets: the transit engine of Vault's API.

HashiCorp Vault and OpenBao have it.  Where it is and who asks is said as their own programs have
it: `VAULT_ADDR`, `VAULT_TOKEN` or the file that a login leaves, `VAULT_CACERT`, `VAULT_NAMESPACE`.
"""

import base64
import json
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

from govstack.errors import KeyManagerFailed
from govstack.values.secret import Secret

SCHEME: Final = "hashivault"
ENGINE: Final = "transit"
TOKEN_FILE: Final = ".vault-token"  # noqa: S105 - where it is, not what
"""Where a login leaves the token, in the user's home."""
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
TIMEOUT_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Transit:
    """One key of a key manager, by its address: ``hashivault://KEY``, with ``?engine=PATH``."""

    address: str

    def wrap(self, key: bytes) -> str:
        """Return a key as only the key manager can open it.

        Raises:
            KeyManagerFailed: it did not answer, or refused us.
        """
        return self._call("encrypt", "plaintext", base64.b64encode(key).decode(), "ciphertext")

    def unwrap(self, wrapped: str) -> bytes:
        """Return a key that was wrapped.

        Raises:
            KeyManagerFailed: it did not answer, or refused us.
        """
        return base64.b64decode(self._call("decrypt", "ciphertext", wrapped, "plaintext"))

    def _call(self, verb: str, name: str, value: str, wanted: str) -> str:
        where = server()
        parts = urlsplit(self.address)
        engine = parse_qs(parts.query).get("engine", [ENGINE])[0]
        key = (parts.netloc + parts.path).strip("/")
        url = f"{where}/v1/{quote(engine)}/{verb}/{quote(key)}"
        request = urllib.request.Request(  # noqa: S310 - `server` has looked at it
            url, data=json.dumps({name: value}).encode(), headers=_headers(), method="POST"
        )
        try:
            with _opener(where).open(request, timeout=TIMEOUT_SECONDS) as response:
                body = json.load(response)
            return str(body["data"][wanted])
        except urllib.error.HTTPError as error:
            raise self._refused(error, f"{engine}/{verb}/{key}", f"{engine}/keys/{key}") from error
        except (OSError, HTTPException, ValueError, KeyError) as error:
            raise KeyManagerFailed(
                f"the key manager at {where} did not answer as one does: "
                f"{getattr(error, 'reason', error)}",
                hint="see that it runs and can be reached from here, and that VAULT_ADDR (and "
                "VAULT_CACERT) are right; nothing was changed",
            ) from error

    def _refused(self, error: urllib.error.HTTPError, path: str, key: str) -> KeyManagerFailed:
        told, where = _told(error), server()
        if error.code == HTTPStatus.FORBIDDEN:
            return KeyManagerFailed(
                f"the key manager at {where} forbids it: {told}",
                hint=f"log in again (a token may have ended), with a policy that allows 'update' "
                f"on {path}",
            )
        if "sealed" in told:
            return KeyManagerFailed(
                f"the key manager at {where} is sealed: it has its own keys not at hand",
                hint="have its operators unseal it, then run the same command again",
            )
        if error.code in {HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST}:
            return KeyManagerFailed(
                f"the key manager at {where} has no key for {self.address}, or not the one that "
                f"was used: {told}",
                hint=f"have it made with: vault write -f {key}; or see secrets in the "
                "environment's file",
            )
        return KeyManagerFailed(
            f"the key manager at {where} answered {error.code}: {told}",
            hint="ask its operators; nothing was changed",
        )


def server() -> str:
    """Return the address of the key manager's server.

    Raises:
        KeyManagerFailed: nobody said it, or secrets would travel in clear.
    """
    address = os.environ.get("VAULT_ADDR", "").strip().rstrip("/")
    parts = urlsplit(address)
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        raise KeyManagerFailed(
            "where the key manager is was not said"
            + (f": VAULT_ADDR is {address!r}" if address else ""),
            hint="set VAULT_ADDR, as in VAULT_ADDR=https://vault.example.gov.cn:8200",
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise KeyManagerFailed(
            f"the key manager would be asked in clear: VAULT_ADDR is {address}",
            hint="use https:// for all but this machine itself",
        )
    return address


def token() -> Secret:
    """Return the token by which the key manager knows us.

    Raises:
        KeyManagerFailed: there is none.
    """
    text = os.environ.get("VAULT_TOKEN", "").strip()
    path = Path.home() / TOKEN_FILE
    if not text and path.is_file():
        text = path.read_text(encoding="utf-8").strip()
    if not text:
        raise KeyManagerFailed(
            "there is no token for the key manager",
            hint=f"log in first, which leaves ~/{TOKEN_FILE}, or set VAULT_TOKEN",
        )
    return Secret(text)


def engine_variables() -> Mapping[str, str]:
    """Return the variables by which the engine finds the same key manager."""
    return {"VAULT_SERVER_URL": server(), "VAULT_SERVER_TOKEN": token().reveal()}


def _headers() -> dict[str, str]:
    namespace = os.environ.get("VAULT_NAMESPACE", "")
    return {
        "Content-Type": "application/json",
        "X-Vault-Request": "true",
        "X-Vault-Token": token().reveal(),
        **({"X-Vault-Namespace": namespace} if namespace else {}),
    }


def _opener(where: str) -> urllib.request.OpenerDirector:
    context = ssl.create_default_context(cafile=os.environ.get("VAULT_CACERT") or None)
    handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=context)]
    if urlsplit(where).hostname in LOOPBACK:
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers)


def _told(error: urllib.error.HTTPError) -> str:
    """Return what the key manager said, which holds no secret."""
    try:
        errors = json.loads(error.read())["errors"]
        return "; ".join(str(each).strip() for each in errors) or error.reason
    except (ValueError, KeyError, TypeError, OSError):
        return str(error.reason)
