"""What the verb `up` reports: the cloud, then what is on its hosts, then the proof."""

from dataclasses import dataclass, fields
from typing import Self

from govstack.operations.report import RunReport
from govstack.operations.report_configure import ConfigureReport
from govstack.operations.verify_report import VerifyReport


@dataclass(frozen=True, slots=True, kw_only=True)
class UpReport(RunReport):
    """One execution of `up`: what was done to the cloud, and what followed.

    Attributes:
        configured: what was done to hosts; None where the cloud alone was made.
        verified: what was tried afterwards; None where nothing was changed.
    """

    configured: ConfigureReport | None = None
    verified: VerifyReport | None = None

    @classmethod
    def of(cls, run: RunReport) -> Self:
        """Return what was done to the cloud, with nothing done to hosts."""
        return cls(**{field.name: getattr(run, field.name) for field in fields(run)})
