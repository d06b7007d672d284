"""A small client of the cloud's APIs: enough to fill a new cloud and to see that it works.

The ordinary one takes seconds to import and more memory than the supervisor.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from govstack_sandbox.credentials import ADMIN, Passwords
from govstack_sandbox.ports import Ports
from govstack_sandbox.services import service_of

TIMEOUT: Final = 60
Json = dict[str, Any]


class RequestFailed(RuntimeError):
    """A service refused or failed; says which request, and what it answered."""


@dataclass(slots=True)
class Client:
    """Speaks to the services of one cloud as its administrator."""

    ports: Ports
    passwords: Passwords
    _token: str = field(default="", repr=False)

    def get(self, service: str, path: str) -> Json:
        """Return what the service answers."""
        return _decode(self._send(service, "GET", path, None, {}))

    def post(self, service: str, path: str, body: Json) -> Json:
        """Create something; return it as the service does."""
        return _decode(self._send(service, "POST", path, json.dumps(body).encode(), {}))

    def put(self, service: str, path: str) -> None:
        """Make it so that something is there, which the path alone names."""
        self._send(service, "PUT", path, None, {})

    def patch(self, service: str, path: str, body: Json) -> Json:
        """Change something; return it as the service does."""
        return _decode(self._send(service, "PATCH", path, json.dumps(body).encode(), {}))

    def put_file(self, service: str, path: str, content: bytes) -> None:
        """Upload a file."""
        self._send(service, "PUT", path, content, {"Content-Type": "application/octet-stream"})

    def _send(
        self, service: str, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> bytes:
        if not self._token:
            self._token = self._authenticate()
        return _request(
            self._address(service) + path,
            method,
            body,
            {"X-Auth-Token": self._token, "Content-Type": "application/json", **headers},
        )[0]

    def _address(self, service: str) -> str:
        return service_of(service).endpoint(self.ports.services[service])

    def _authenticate(self) -> str:
        domain = {"id": "default"}
        user = {"name": ADMIN, "domain": domain, "password": self.passwords[ADMIN]}
        body = {
            "auth": {
                "identity": {"methods": ["password"], "password": {"user": user}},
                "scope": {"project": {"name": ADMIN, "domain": domain}},
            }
        }
        _, headers = _request(
            self._address("keystone") + "/auth/tokens",
            "POST",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        return headers["X-Subject-Token"]


def _request(
    address: str, method: str, body: bytes | None, headers: Mapping[str, str]
) -> tuple[bytes, Mapping[str, str]]:
    """Send one request.

    Raises:
        RequestFailed: no answer, or one that is an error.
    """
    request = urllib.request.Request(address, body, dict(headers), method=method)  # noqa: S310 - ours
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            return answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors="replace")
        raise RequestFailed(f"{method} {address}: {error.code} {text}") from error
    except OSError as error:
        raise RequestFailed(f"{method} {address}: {error}") from error


def _decode(content: bytes) -> Json:
    decoded: Json = json.loads(content) if content else {}
    return decoded
