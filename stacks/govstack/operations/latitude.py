"""How far a run may go beyond what was named."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Latitude:
    """What `up` may do besides.

    Attributes:
        with_dependencies: also run what the named systems need, if it has changes.
        allow_delete: how many resources that hold data may go; None leaves it to the site.
    """

    with_dependencies: bool = False
    allow_delete: int | None = None


USUAL = Latitude()
