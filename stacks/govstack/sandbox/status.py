"""How the cloud does, from what its supervisor reports and what the kernel knows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from govstack.errors import SandboxFailed
from govstack.sandbox.alive import is_alive
from govstack.sandbox.layout import Layout

FORMAT: Final = 1
KIB_PER_MIB: Final = 1024
MDNS: Final = "designate-mdns"


class CloudState(StrEnum):
    """What the cloud, or one of its services, is doing."""

    ABSENT = "absent"
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    DEGRADED = "degraded"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    """One service; `detail` says how it last ended, if it did."""

    name: str
    port: int
    state: CloudState
    pid: int = 0
    restarts: int = 0
    memory_mb: int = 0
    since: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxStatus:
    """The cloud.

    Attributes:
        step: what it is at.
        failure: why the last start failed.
        dns_port: where it answers questions for names, 0 if it does not.
        request: the last one for optional services that it has heeded.
    """

    root: Path
    state: CloudState
    services: tuple[ServiceStatus, ...] = ()
    pid: int = 0
    memory_mb: int = 0
    auth_url: str = ""
    step: str = ""
    failure: str = ""
    dns_port: int = 0
    request: int = 0


def status(root: Path) -> SandboxStatus:
    """Tell how the cloud in this folder does, with the memory that it takes."""
    seen = observe(root)
    services = tuple(
        replace(service, memory_mb=_memory_mb(service.pid)) for service in seen.services
    )
    total = sum(service.memory_mb for service in services) + _memory_mb(seen.pid)
    return replace(seen, services=services, memory_mb=total)


def observe(root: Path) -> SandboxStatus:
    """Tell how the cloud does, without its memory; takes a millisecond.

    Raises:
        SandboxFailed: its files are of a newer format, or broken.
    """
    layout = Layout(root)
    alive = is_alive(root)
    ports = read_ports(layout)
    seen = _reported(layout)
    if not alive:
        state = CloudState.STOPPED if ports else CloudState.ABSENT
        services = tuple(
            ServiceStatus(name=name, port=port, state=CloudState.STOPPED)
            for name, port in ports.items()
        )
        seen = replace(seen, state=state, services=services, pid=0, step="")
    url = f"http://127.0.0.1:{ports['keystone']}/v3" if ports else ""
    return replace(seen, auth_url=url, dns_port=read_inner_ports(layout).get(MDNS, 0))


def supervisor_pid(root: Path) -> int:
    """Return the process of the supervisor that reported last, 0 if none has."""
    return _reported(Layout(root)).pid


def read_ports(layout: Layout) -> Mapping[str, int]:
    """Return the port of each service; none for a cloud that is not complete."""
    return _ports(layout, "ports")


def read_inner_ports(layout: Layout) -> Mapping[str, int]:
    """Return the ports that services have besides, by names of their own."""
    return _ports(layout, "inner")


def _ports(layout: Layout, key: str) -> Mapping[str, int]:
    entries = _mapping(_read(layout.cloud), key)
    return {str(name): int(str(port)) for name, port in entries.items()}


def _reported(layout: Layout) -> SandboxStatus:
    document = _read(layout.status)
    if not document:
        return SandboxStatus(root=layout.root, state=CloudState.STARTING)
    failure = str(document["failure"])
    return SandboxStatus(
        root=layout.root,
        # A start that has failed still holds the lock while it ends its services.
        state=CloudState.DEGRADED if failure else CloudState(str(document["state"])),
        services=tuple(
            _service(name, entry) for name, entry in _mapping(document, "services").items()
        ),
        pid=int(str(document["pid"])),
        step=str(document["step"]),
        failure=failure,
        request=int(str(document.get("request", 0))),
    )


def _service(name: str, entry: object) -> ServiceStatus:
    if not isinstance(entry, Mapping):
        raise TypeError(f"{name} is no mapping")
    return ServiceStatus(
        name=name,
        port=int(entry["port"]),
        state=CloudState(entry["state"]),
        pid=int(entry["pid"]),
        restarts=int(entry["restarts"]),
        since=str(entry["since"]),
        detail=str(entry["detail"]),
    )


def _read(path: Path) -> Mapping[str, object]:
    """Return the document in a file, an empty one if there is none.

    Raises:
        SandboxFailed: the file is broken, or its format is not known.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        found = document["format"]
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError) as error:
        raise SandboxFailed(
            f"{path} cannot be read: {error}",
            hint="govstack sandbox reset makes the cloud anew; all that is in it is lost",
        ) from error
    if found != FORMAT:
        raise SandboxFailed(
            f"{path} has format {found}, and this govstack knows format {FORMAT}",
            hint="use the govstack that made the cloud, or govstack sandbox reset",
        )
    known: Mapping[str, object] = document
    return known


def _mapping(document: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = document.get(key, {})
    return value if isinstance(value, Mapping) else {}


def _memory_mb(pid: int) -> int:
    """Return the memory that would be free if the process ended; 0 for none."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    fields = (line.split() for line in text.splitlines())
    private = (int(words[1]) for words in fields if words[0].startswith("Private_"))
    return sum(private) // KIB_PER_MIB
