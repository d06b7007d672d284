"""What the views of a plan report; the values themselves are made in `plan.views`."""

from dataclasses import dataclass

from govstack.operations.report import PlanReport
from govstack.plan.views.graph import (
    NO_ZONE,
    OUTSIDE,
    Bundle,
    Link,
    Opening,
    SystemView,
    Topology,
    ZoneView,
)
from govstack.plan.views.holdings import Holding, Holdings, Holds
from govstack.plan.views.matrix import Basis, Crossing, FlowMatrix, PathView, PortCount
from govstack.plan.views.needs import Need, Needs, SystemNeed, TenantNeed
from govstack.site.kinds import Mechanism

__all__ = [
    "NO_ZONE",
    "OUTSIDE",
    "Basis",
    "Bundle",
    "Crossing",
    "FlowMatrix",
    "Holding",
    "Holdings",
    "Holds",
    "Link",
    "Mechanism",
    "Need",
    "Needs",
    "Opening",
    "PathView",
    "PlanView",
    "PortCount",
    "SystemNeed",
    "SystemView",
    "TenantNeed",
    "Topology",
    "WrittenReport",
    "ZoneView",
]

PlanView = PlanReport | Topology | FlowMatrix | Needs | Holdings
"""What a view of the plan reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReport:
    """A file that was written, of so many bytes; `form` is text, svg, mermaid or csv."""

    path: str
    view: str
    form: str
    size: int
