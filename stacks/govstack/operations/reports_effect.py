"""What the verbs report that look into, or change, what a run leaves alone: rebuild, explain."""

from dataclasses import dataclass

from govstack.operations.standing import Stand
from govstack.site.kinds import Layer
from govstack.values.observer import Outcome

__all__ = ["RebuildReport", "RebuiltNode", "Stand", "SystemReason", "WhyReport"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuiltNode:
    """One node: which system it is of, from which image to which, and how that ended."""

    id: str
    name: str
    born: str
    declared: str
    outcome: Outcome = Outcome.SKIPPED
    seconds: float = 0.0
    error: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildReport:
    """Nodes that were rebuilt, or will be; skipped ones come after one that failed.

    Attributes:
        at_once: how many of a system's nodes are rebuilt at the same time.
        confirmed: False if the user, having seen which nodes, declined.
    """

    site: str
    name: str
    environment: str
    seconds: float
    nodes: tuple[RebuiltNode, ...]
    at_once: int = 1
    confirmed: bool = True

    @property
    def failures(self) -> tuple[RebuiltNode, ...]:
        """Return the nodes that failed."""
        return tuple(node for node in self.nodes if node.outcome is Outcome.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemReason:
    """Why a system would be run: how it stands, and which parts of its inputs are others."""

    id: str
    name: str
    layer: Layer
    stand: Stand
    parts: tuple[str, ...]
    updated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyReport:
    """Why systems would be run again; `unchanged` counts those that would not be."""

    site: str
    name: str
    environment: str
    systems: tuple[SystemReason, ...]
    unchanged: int
