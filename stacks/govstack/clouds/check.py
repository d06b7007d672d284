"""Is the cloud there, does it know us, and does it have what the site names?

Asked once before anything is run, so that a wrong password is one message and not one a system.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govstack.clouds.failure import request_of
from govstack.clouds.patience import config_of
from govstack.errors import CatalogMissing, CloudUnreachable
from govstack.plan.demand import SHARED_FILE_SYSTEM, cloud_services
from govstack.plan.model import Plan, PlatformPlan
from govstack.site.catalog import Adopted
from govstack.site.model import PLATFORM

if TYPE_CHECKING:
    from openstack.connection import Connection

TIMEOUT = 20
"""Seconds that the cloud has to answer a question."""

FIRST_SECONDS = 10.0
"""For how long a question is repeated at most: what is wrong at the beginning is told soon."""


REFUSALS = (401, 403)

ALIASES = {SHARED_FILE_SYSTEM: frozenset({"sharev2", "shared-file-system"})}
"""Service types that clouds also list under another name."""


def check_cloud(clouds_file: Path, plan: Plan) -> None:
    """Authenticate as the platform and look up all that the plan needs and adopts.

    Raises:
        CloudUnreachable: no answer, or no entry; the message holds the address.
        CatalogMissing: what is missing, all of it, and what the cloud has instead.
    """
    from keystoneauth1 import exceptions as auth  # noqa: PLC0415 - heavy, seldom needed
    from openstack import connection, exceptions  # noqa: PLC0415 - as above

    cloud = connection.Connection(
        config=config_of(clouds_file, FIRST_SECONDS).get_one(PLATFORM, api_timeout=TIMEOUT)
    )
    address = cloud.config.get_auth_args().get("auth_url", "")
    try:
        cloud.authorize()
        missing = (
            *_missing_services(cloud, plan),
            *_missing_things(cloud, plan),
            *_unencrypted_types(cloud, plan.platform),
        )
    except (auth.ClientException, exceptions.SDKException) as error:
        if _refuses(error):
            raise CloudUnreachable(
                f"the cloud at {address} refused us: {error}{request_of(error)}",
                hint="check user, password and project of its entry in clouds.yaml",
            ) from error
        raise CloudUnreachable(
            f"the cloud at {address} does not answer: {error}{request_of(error)}",
            hint="check the address and the network; for the embedded cloud: "
            "govstack sandbox status",
        ) from error
    finally:
        cloud.close()
    if missing:
        raise CatalogMissing(
            "; ".join(missing),
            hint="name what the cloud has, under catalog in site.yaml or in the environment's file",
        )


def _refuses(error: BaseException | None) -> bool:
    """Tell whether an error, or what it came from, is a refusal."""
    while error is not None:
        if getattr(error, "http_status", None) in REFUSALS:
            return True
        error = error.__cause__ or error.__context__
    return False


def _missing_services(cloud: "Connection", plan: Plan) -> Iterator[str]:
    """Yield a sentence for each service that the cloud's profile promises in vain."""
    wanted = cloud_services(plan)
    if not wanted:
        return
    catalog = cloud.service_catalog
    present = {str(entry["type"]) for entry in catalog}
    for service in sorted(wanted):
        if not present & ALIASES.get(service, {service}):
            yield (
                f"the cloud has no service {service!r}, which its profile "
                f"{plan.environment.profile.name} promises (it has: {', '.join(sorted(present))})"
            )


def _missing_things(cloud: "Connection", plan: Plan) -> Iterator[str]:
    platform = plan.platform
    images = [image.adopted for image in platform.images]
    yield from _missing("image", images, cloud.image.images)
    yield from _unfit_flavors(cloud, platform)
    types = [kind.adopted for kind in platform.volume_types]
    yield from _missing("volume type", types, cloud.block_storage.types)
    routers = [router.adopted for router in platform.routers]
    yield from _missing("router", routers, cloud.network.routers)
    projects = [project.adopted for project in platform.projects]
    yield from _missing("project", projects, cloud.list_projects)
    networks = [network.adopted for system in plan.systems for network in system.networks]
    yield from _missing("network", networks, cloud.network.networks)
    outside = [Adopted(name=platform.external_network)]
    yield from _missing(
        "external network", outside, lambda: cloud.network.networks(is_router_external=True)
    )


def _unencrypted_types(cloud: "Connection", plan: PlatformPlan) -> Iterator[str]:
    """Yield a sentence for each volume type that is said to encrypt, and does not."""
    wanted = [kind.adopted for kind in plan.volume_types if kind.encrypted and kind.adopted]
    for each in wanted:
        found = cloud.block_storage.find_type(str(each))
        if found is None:
            continue  # told already
        answer = cloud.block_storage.get(f"/types/{found.id}/encryption")
        # Not every operator may look at it; who may not has to believe the site.
        if answer.ok and not answer.json().get("provider"):
            yield f"the volume type {str(each)!r} of the cloud does not encrypt"


def _unfit_flavors(cloud: "Connection", plan: PlatformPlan) -> Iterator[str]:
    """Yield a sentence for each flavor that is missing, or is not what the site says.

    Quotas go by what the site says.
    """
    wanted = [(flavor, flavor.adopted) for flavor in plan.flavors if flavor.adopted]
    if not wanted:
        return
    listed = list(cloud.compute.flavors())
    yield from _missing("flavor", [adopted for _, adopted in wanted], lambda: listed)
    known = {key: item for item in listed for key in (item.name, item.id)}
    for flavor, adopted in wanted:
        found = known.get(str(adopted))
        if found and (found.vcpus, found.ram) != (flavor.vcpus, flavor.ram_mb):
            yield (
                f"the flavor {str(adopted)!r} of the cloud has {found.vcpus} vcpus and "
                f"{found.ram} MiB, and the site says {flavor.vcpus} and {flavor.ram_mb}"
            )


def _missing(
    kind: str, adopted: Iterable[Adopted | None], listed: Callable[[], Iterable[Any]]
) -> Iterator[str]:
    """Yield a sentence for each wanted thing that the cloud does not have; ask only if one is."""
    wanted = [each for each in adopted if each]
    if not wanted:
        return
    found = [(str(item.name), str(item.id)) for item in listed()]
    has = ", ".join(sorted(name for name, _ in found)) or "none"
    for each in wanted:
        if not any(each.name == name if each.name else each.id == id_ for name, id_ in found):
            yield f"the cloud has no {kind} {str(each)!r} (it has: {has})"
