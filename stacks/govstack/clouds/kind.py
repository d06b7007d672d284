"""What is to be known of a kind of thing, to find and to remove one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Scope(StrEnum):
    """Whose things a kind is among: those of a system's project, or of the cloud's operator."""

    SYSTEM = "system"
    PLATFORM = "platform"
    BOTH = "both"


class Look(StrEnum):
    """How a kind is listed, where it takes more than a call of the SDK."""

    LISTED = "listed"
    PARTS = "parts"
    OF_USER = "of user"
    OF_NETWORKS = "of networks"
    OF_ZONES = "of zones"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of thing.

    Attributes:
        word: what people call it.
        type: the engine's token for it.
        service: the SDK's name of the service.
        listed: the SDK's method that lists it.
        removed: the SDK's method that removes one.
        named: the attribute that holds its name; Neutron's floating IPs have a description only.
        labelled: the attribute that holds its tags or metadata, if it has any.
        filtered: whether the service lists by project when asked to.
        everywhere: what the operator must say to see all projects.
        holds_data: whether something may be lost with it.
        waits: whether it takes time to go.
    """

    word: str
    type: str
    service: str
    listed: str
    removed: str
    scope: Scope = Scope.SYSTEM
    look: Look = Look.LISTED
    named: str = "name"
    labelled: str = ""
    filtered: bool = False
    everywhere: Mapping[str, object] = field(default_factory=dict)
    holds_data: bool = False
    waits: bool = False
