"""What a user wishes of `configure`."""

from collections.abc import Callable
from dataclasses import dataclass

Agree = Callable[[tuple[str, ...]], bool]
"""Told which hosts would be configured; returns whether to go on."""


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
        fast: whether to go by mitogen, where that is installed.
        asks: whether those are asked if they are so; else what is recorded of them is believed.
        agree: asked before the first host is changed.
    """

    systems: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    check: bool = False
    diff: bool = False
    everything: bool = False
    fast: bool = True
    asks: bool = True
    agree: Agree | None = None
