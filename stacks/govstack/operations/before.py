"""What is in the cloud already, from the last records: projects, and what systems stand on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from govstack.errors import StillUsed
from govstack.plan.model import PlatformPlan, ProjectPlan, Quota, RouterPlan, StackPlan, TenantPlan
from govstack.plan.passes import Held
from govstack.site.catalog import Adopted, Flavor, Image, VolumeType
from govstack.site.model import PLATFORM
from govstack.state.records import Record
from govstack.values.digest import plain

Kind = TypeVar("Kind")
Uses = Mapping[str, Sequence[str]]
Holds = Mapping[str, tuple[Mapping[str, object], ...]]


def uses_of(plan: StackPlan) -> Uses:
    """Return what of the platform a system stands on, by kind."""
    if isinstance(plan, PlatformPlan):
        return {}
    found = {
        "zones": {network.zone for network in plan.networks},
        "flavors": {node.flavor for node in plan.nodes},
        "images": {node.image for node in plan.nodes},
        "volume_types": {
            volume.type for node in plan.nodes for volume in node.volumes if volume.type
        },
    }
    return {kind: tuple(sorted(ids)) for kind, ids in found.items()}


def used_by_both(old: Mapping[str, Sequence[str]], new: Uses) -> Uses:
    """Return what a system stands on while it is changed from one to the other."""
    return {kind: tuple(sorted({*old.get(kind, ()), *ids})) for kind, ids in new.items()}


def holds_of(plan: StackPlan) -> Holds:
    """Return what of the platform others may stand on, in plain form."""
    if not isinstance(plan, PlatformPlan):
        return {}
    items: dict[str, tuple[object, ...]] = {
        "zones": plan.routers,
        "flavors": plan.flavors,
        "images": plan.images,
        "volume_types": plan.volume_types,
    }
    return {kind: tuple(_mapping(item) for item in found) for kind, found in items.items()}


def projects_of(records: Mapping[str, Record]) -> tuple[ProjectPlan, ...]:
    """Return the projects that are there already."""
    return tuple(_project(record) for record in records.values() if record.project)


def held_by(records: Mapping[str, Record], plan: PlatformPlan) -> Held:
    """Return what the plan has no more, of zones and catalog, while systems still stand on it."""
    platform = records.get(PLATFORM)
    if platform is None:
        return Held()
    planned = holds_of(plan)

    def kept(kind: str, type_: type[Kind], key: str) -> tuple[Kind, ...]:
        used = {name for record in records.values() for name in record.uses.get(kind, ())}
        gone = used - {item[key] for item in planned[kind]}
        items = platform.holds.get(kind, ())
        return tuple(_revived(type_, item) for item in items if item[key] in gone)

    return Held(
        routers=kept("zones", RouterPlan, "zone"),
        flavors=kept("flavors", Flavor, "id"),
        images=kept("images", Image, "id"),
        volume_types=kept("volume_types", VolumeType, "id"),
    )


def check_room(roomy: PlatformPlan, plan: PlatformPlan, records: Mapping[str, Record]) -> None:
    """Make sure that what has to stay for now leaves room for what is new.

    Raises:
        StillUsed: a zone that is to go still has the address that another zone is to have.
    """
    owners = {router.transit_address: router.zone for router in plan.routers}
    for router in roomy.routers[len(plan.routers) :]:
        heir = owners.get(router.transit_address)
        if heir is not None:
            users = _users(records, "zones", router.zone)
            raise StillUsed(
                f"the zone {router.zone} is still used by {', '.join(users)}, and the zone {heir} "
                f"is to have its address {router.transit_address}",
                hint=f"give {heir} another address in addresses.yaml, or first take the systems "
                f"out of {router.zone} alone: govstack up",
            )


def _users(records: Mapping[str, Record], kind: str, name: str) -> Iterable[str]:
    return sorted(id_ for id_, record in records.items() if name in record.uses.get(kind, ()))


def _mapping(value: object) -> Mapping[str, object]:
    result = plain(value)
    if not isinstance(result, Mapping):
        message = f"{type(value).__name__} has no plain form with names"
        raise TypeError(message)
    return result


def _project(record: Record) -> ProjectPlan:
    fields: dict[str, Any] = dict(record.project)
    quota, tags, adopted = fields.pop("quota"), fields.pop("tags"), fields.pop("adopted")
    tenant, roles = fields.pop("tenant"), fields.pop("roles")
    return ProjectPlan(
        quota=Quota(**quota),
        tags=tuple(tags),
        roles=tuple(roles),
        tenant=TenantPlan(**tenant | {"tags": tuple(tenant["tags"])}),
        adopted=Adopted(**adopted) if adopted else None,
        **fields,
    )


def _revived(type_: type[Kind], value: Mapping[str, Any]) -> Kind:
    """Return what `plain` made a mapping of."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - needed only where something is to go

    return TypeAdapter(type_).validate_python(value)
