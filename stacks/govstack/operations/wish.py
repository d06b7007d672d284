"""What a user wishes of `configure`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which hosts are to be configured, and how.

    Attributes:
        systems: only theirs; empty for all.
        hosts: only these; empty for all.
        roles: only these, without their collection; empty for all.
        check: whether nothing is to be changed, only looked at.
        diff: whether to tell what is changed.
        everything: whether also hosts that are as they were left.
    """

    systems: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    check: bool = False
    diff: bool = False
    everything: bool = False
