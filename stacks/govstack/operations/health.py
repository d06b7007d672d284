"""Is a node well again, after it was born anew?"""

import socket
import time
from collections.abc import Iterator
from typing import Final, Protocol

from govstack.plan.model import NodePlan, SystemPlan
from govstack.site import kinds

Place = tuple[str, int]
"""An address and a TCP port."""

CONNECT_SECONDS: Final = 2.0
PAUSE_SECONDS: Final = 1.0


class Health(Protocol):
    """How the health of a node is judged, besides that its server is active."""

    def remember(self, system: SystemPlan, node: NodePlan) -> None:
        """Take note of how the node is before it is touched."""
        ...

    def trouble(self, node: NodePlan) -> str:
        """Wait until the node is well; return what is wrong if it does not become so."""
        ...


class Active:
    """An active server is a healthy one: all that can be said where no real host is behind it."""

    def remember(self, system: SystemPlan, node: NodePlan) -> None:
        """Take note of nothing."""

    def trouble(self, node: NodePlan) -> str:  # noqa: ARG002 - as the protocol has it
        """Return nothing: there is nothing to ask."""
        return ""


class Answering:
    """What answered from here before must answer again.

    Where no path leads from here to the node, nothing answered before, and nothing is asked.
    """

    def __init__(self, patience: float = 300.0) -> None:
        self._patience = patience
        self._places: dict[str, tuple[Place, ...]] = {}

    def remember(self, system: SystemPlan, node: NodePlan) -> None:
        """Take note of the services of the node that answer now."""
        offered = tuple(_offered(system, node))
        self._places[node.name] = tuple(place for place in offered if _answers(place))

    def trouble(self, node: NodePlan) -> str:
        """Wait until all that answered before answers; return what does not."""
        deadline = time.monotonic() + self._patience
        silent = list(self._places.get(node.name, ()))
        while silent:
            silent = [place for place in silent if not _answers(place)]
            if silent and time.monotonic() > deadline:
                told = ", ".join(f"{address}:{port}" for address, port in silent)
                return f"it does not answer any more at {told}"
            if silent:
                time.sleep(PAUSE_SECONDS)
        return ""


def _offered(system: SystemPlan, node: NodePlan) -> Iterator[Place]:
    for endpoint in system.endpoints:
        if endpoint.port.protocol is kinds.Protocol.TCP and node.address in endpoint.addresses:
            yield str(node.address), endpoint.port.first


def _answers(place: Place) -> bool:
    try:
        with socket.create_connection(place, timeout=CONNECT_SECONDS):
            return True
    except OSError:
        return False
