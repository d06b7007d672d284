"""What the proxy writes into answers: its own addresses, and states that are not the cloud's."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

DISCOVERY: Final = re.compile(r"^/?(v[\d.]+/?)?$")
"""Paths whose answers tell where a service is to be found."""
TOKENS: Final = ("/v3/auth/tokens", "/v3/auth/catalog")
FAULT: Final = {
    "code": 500,
    "message": "No valid host was found. (a fault that was asked for)",
    "created": "2026-01-01T00:00:00Z",
}
STUCK: Final = "PENDING_UPDATE"


def leads_elsewhere(service: str, path: str) -> bool:
    """Tell whether the answer names addresses by which a client would go past the proxy."""
    if service == "keystone" and path.startswith(TOKENS):
        return True
    return DISCOVERY.match(path) is not None


def with_addresses(text: bytes, own: str, ports: Mapping[str, int]) -> bytes:
    """Return an answer in which the services are to be found at the proxy."""
    for name, port in ports.items():
        pattern = rf"http://127\.0\.0\.1:{port}(?!\d)".encode()
        text = re.sub(pattern, f"{own}/{name}".encode(), text)
    return text


def made_of(text: bytes, key: str) -> tuple[str, str]:
    """Return id and name of what a request and its answer are about, empty if of nothing."""
    try:
        thing = json.loads(text)[key]
        return str(thing.get("id", "")), str(thing.get("name", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", ""


def with_error(text: bytes, failed: frozenset[str]) -> bytes:
    """Return an answer of nova in which these servers are in ERROR."""

    def spoil(server: dict[str, Any]) -> None:
        if server.get("id") in failed:
            server |= {"status": "ERROR", "fault": FAULT, "OS-EXT-STS:vm_state": "error"}

    return _changed(text, ("server", "servers"), spoil)


def with_pending(text: bytes, stuck: frozenset[str]) -> bytes:
    """Return an answer of octavia in which these balancers are in PENDING_UPDATE."""

    def spoil(balancer: dict[str, Any]) -> None:
        if balancer.get("id") in stuck:
            balancer["provisioning_status"] = STUCK

    return _changed(text, ("loadbalancer", "loadbalancers"), spoil)


def _changed(text: bytes, keys: tuple[str, str], spoil: Any) -> bytes:  # noqa: ANN401 - a function
    try:
        content = json.loads(text)
    except ValueError:
        return text
    one, many = keys
    for thing in (content.get(one), *content.get(many, ())):
        if thing:
            spoil(thing)
    return json.dumps(content).encode()
