"""What the verbs of `sandbox faults` report, as data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultReport:
    """One fault as it is written, and how often it has struck since it was set."""

    fault: str
    struck: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultsReport:
    """What calls to the embedded cloud meet.

    Attributes:
        action: what was just done: ``set``, ``cleared``, or nothing.
        cloud: whether the cloud runs.
        calls: how many calls there were since the faults were set.
    """

    site: str
    environment: str
    cloud: str
    seed: int
    calls: int
    faults: tuple[FaultReport, ...]
    action: str = ""
