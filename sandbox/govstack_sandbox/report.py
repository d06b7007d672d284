"""How the services do, as a file that is never half written."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from govstack_sandbox.layout import Layout, write_private
from govstack_sandbox.ports import Ports

FORMAT: Final = 1


class State(StrEnum):
    """What the cloud, or one service, is doing."""

    STARTING = "starting"
    RUNNING = "running"
    DEGRADED = "degraded"
    FAILED = "failed"


def now() -> str:
    """Return the time as text."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(slots=True)
class ServiceReport:
    """How one service does; `detail` says why it last ended."""

    port: int
    state: State = State.STARTING
    pid: int = 0
    restarts: int = 0
    since: str = field(default_factory=now)
    detail: str = ""

    def become(self, state: State) -> None:
        """Enter a state, from now on."""
        self.state = state
        self.since = now()


@dataclass(slots=True)
class Report:
    """How the cloud does.

    Attributes:
        step: what it is at.
        failure: why it gave up.
        request: the last one for optional services that this report knows of.
    """

    layout: Layout
    pid: int
    services: dict[str, ServiceReport] = field(default_factory=dict)
    state: State = State.STARTING
    step: str = ""
    failure: str = ""
    request: int = 0

    def expect(self, ports: Ports) -> None:
        """Name services that will be started."""
        for name, port in ports.services.items():
            self.services[name] = ServiceReport(port)

    def write(self) -> None:
        """Write the file."""
        document = {
            "format": FORMAT,
            "pid": self.pid,
            "state": self.state,
            "step": self.step,
            "failure": self.failure,
            "request": self.request,
            "services": {name: asdict(service) for name, service in self.services.items()},
        }
        write_private(self.layout.status, json.dumps(document, indent=1))
