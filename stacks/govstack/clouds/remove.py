"""Removes what was found, in an order that works, and waits until it is gone."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from govstack.clouds.connect import identity_of
from govstack.clouds.found import Found, Reach
from govstack.clouds.kinds import KINDS

if TYPE_CHECKING:
    from openstack.connection import Connection

WAIT_SECONDS: Final = 120
UNSETTLED: Final = (
    "creating",
    "downloading",
    "attaching",
    "detaching",
    "PENDING_CREATE",
    "PENDING_UPDATE",
)
"""States that pass by themselves, and in which nothing may be removed."""

RANKS: Final = {kind.word: rank for rank, kind in enumerate(KINDS)}


def in_order(found: tuple[Found, ...]) -> tuple[Found, ...]:
    """Return things in the order of their removal, over all projects."""
    return tuple(sorted(found, key=lambda each: (RANKS[each.kind.word], each.name)))


def remove(reach: Reach, found: Found) -> str:
    """Remove one thing; return why it could not be, empty if it is gone."""
    from openstack import exceptions  # noqa: PLC0415 - heavy, seldom needed

    special: dict[str, Callable[[Reach, Found], None]] = {
        "load balancer": _balancer,
        "volume attachment": _attachment,
        "router interface": _interface,
        "application credential": _within,
        "record set": _record_set,
        "project": _project,
        "group": _group,
    }
    try:
        special.get(found.kind.word, _thing)(reach, found)
    except exceptions.NotFoundException:
        return ""
    except exceptions.SDKException as error:
        return str(error)
    return ""


def _thing(reach: Reach, found: Found) -> None:
    service = getattr(reach.own, found.kind.service)
    if found.kind.waits:
        thing = _settled(service, found)
        getattr(service, found.kind.removed)(found.id)
        service.wait_for_delete(thing, interval=1, wait=WAIT_SECONDS)
    else:
        getattr(service, found.kind.removed)(found.id)


def _settled(service: Any, found: Found) -> Any:  # noqa: ANN401 - as the SDK
    """Return the thing once nothing is under way with it any more."""
    thing = getattr(service, found.kind.removed.replace("delete", "get"))(found.id)
    state = "provisioning_status" if hasattr(thing, "provisioning_status") else "status"
    now = str(getattr(thing, state))
    if now not in UNSETTLED:
        return thing
    return _await_change(service, thing, state, now)


def _await_change(service: Any, thing: Any, state: str, now: str) -> Any:  # noqa: ANN401 - as the SDK
    """Wait until a thing has left a state; one that never does is removed all the same, or not."""
    from openstack import exceptions, utils  # noqa: PLC0415 - heavy, seldom needed

    with suppress(exceptions.ResourceTimeout):
        for _ in utils.iterate_timeout(WAIT_SECONDS, f"{thing.id} is still {now}", wait=1):
            thing = thing.fetch(service)
            if getattr(thing, state) != now:
                break
    return thing


def _balancer(reach: Reach, found: Found) -> None:
    service = reach.own.load_balancer
    thing = _settled(service, found)
    service.delete_load_balancer(found.id, cascade=True)
    service.wait_for_delete(thing, interval=1, wait=WAIT_SECONDS)


def _attachment(reach: Reach, found: Found) -> None:
    volumes = reach.own.block_storage
    volume = volumes.get_volume(found.id)
    reach.own.compute.delete_volume_attachment(found.within, found.id)
    _await_change(volumes, volume, "status", str(volume.status))


def _interface(reach: Reach, found: Found) -> None:
    network = reach.platform.network
    network.remove_interface_from_router(found.within, port=found.id)


def _within(reach: Reach, found: Found) -> None:
    getattr(getattr(reach.own, found.kind.service), found.kind.removed)(found.within, found.id)


def _record_set(reach: Reach, found: Found) -> None:
    reach.platform.dns.delete_recordset(found.id, found.within)


def _project(reach: Reach, found: Found) -> None:
    """Remove a project that is empty; Keystone would leave behind what is in another."""
    left = next(_contents(reach.platform, found.id), "")
    if left:
        raise _refusal(f"the project {found.name} still holds {left}")
    identity_of(reach.platform).delete_project(found.id)


def _group(reach: Reach, found: Found) -> None:
    """Remove a group that nobody is in: who is, is its department's business."""
    if next(iter(identity_of(reach.platform).group_users(found.id)), None):
        raise _refusal(f"somebody is in the group {found.name}")
    identity_of(reach.platform).delete_group(found.id)


def _contents(cloud: "Connection", project: str) -> Iterator[str]:
    for port in cloud.network.networks(project_id=project):
        yield f"the network {port.name}"
    for server in cloud.compute.servers(all_projects=True, project_id=project):
        yield f"the server {server.name}"
    for volume in cloud.block_storage.volumes(all_projects=True, project_id=project):
        yield f"the volume {volume.name}"
    for child in identity_of(cloud).projects(parent_id=project):
        yield f"the project {child.name}"


def _refusal(message: str) -> Exception:
    from openstack import exceptions  # noqa: PLC0415 - heavy, seldom needed

    return exceptions.SDKException(message)
