"""Which of the things that never became ready have failed for good, by what the cloud says."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from govstack.clouds.found import Known, Reach
from govstack.clouds.kinds import KINDS

if TYPE_CHECKING:
    from openstack.connection import Connection

STATES: Final[dict[str, tuple[str, Callable[["Connection", str], Any]]]] = {
    "server": ("status", lambda cloud, id_: cloud.compute.get_server(id_)),
    "volume": ("status", lambda cloud, id_: cloud.block_storage.get_volume(id_)),
    "load balancer": (
        "provisioning_status",
        lambda cloud, id_: cloud.load_balancer.get_load_balancer(id_),
    ),
}
"""How the state of a kind is asked for; no other kind fails after it was made."""

FAILED: Final = ("error", "shutoff")
"""How states begin that are the end of something that never was ready."""

TYPES: Final = {kind.type: kind.word for kind in KINDS if kind.word in STATES}


def in_error(reach: Reach, suspects: Iterable[tuple[str, str]]) -> Known:
    """Return those of the suspects, as (type, id), that the cloud says have failed."""
    return frozenset(each for each in suspects if each[0] in TYPES and _failed(reach, *each))


def _failed(reach: Reach, type_: str, id_: str) -> bool:
    from openstack import exceptions  # noqa: PLC0415 - heavy, seldom needed

    attribute, get = STATES[TYPES[type_]]
    try:
        state = getattr(get(reach.own, id_), attribute)
    except exceptions.NotFoundException:
        return False
    return str(state).lower().startswith(FAILED)
