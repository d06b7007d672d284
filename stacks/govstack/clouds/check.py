"""Is the cloud there, does it know us, and does it have what the site names?

Asked once before anything is run, so that a wrong password is one message and not one a system.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from govstack.errors import CatalogMissing, CloudUnreachable
from govstack.plan.model import PlatformPlan
from govstack.site.model import PLATFORM

if TYPE_CHECKING:
    from openstack.connection import Connection

TIMEOUT = 20
"""Seconds that the cloud has to answer a question."""


REFUSALS = (401, 403)


def check_cloud(clouds_file: Path, plan: PlatformPlan) -> None:
    """Authenticate as the platform and look up all that the plan adopts from the cloud.

    Raises:
        CloudUnreachable: no answer, or no entry; the message holds the address.
        CatalogMissing: what is missing, all of it, and what the cloud has instead.
    """
    from keystoneauth1 import exceptions as auth  # noqa: PLC0415 - heavy, seldom needed
    from openstack import config, connection, exceptions  # noqa: PLC0415 - as above

    loader = config.OpenStackConfig(config_files=[str(clouds_file)], load_envvars=False)
    cloud = connection.Connection(config=loader.get_one(PLATFORM, api_timeout=TIMEOUT))
    address = cloud.config.get_auth_args().get("auth_url", "")
    try:
        cloud.authorize()
        _check_catalog(cloud, plan)
    except (auth.ClientException, exceptions.SDKException) as error:
        if _refuses(error):
            raise CloudUnreachable(
                f"the cloud at {address} refused us: {error}",
                hint="check user, password and project of its entry in clouds.yaml",
            ) from error
        raise CloudUnreachable(
            f"the cloud at {address} does not answer: {error}",
            hint="check the address and the network; for the embedded cloud: "
            "govstack sandbox status",
        ) from error
    finally:
        cloud.close()


def _refuses(error: BaseException | None) -> bool:
    """Tell whether an error, or what it came from, is a refusal."""
    while error is not None:
        if getattr(error, "http_status", None) in REFUSALS:
            return True
        error = error.__cause__ or error.__context__
    return False


def _check_catalog(cloud: "Connection", plan: PlatformPlan) -> None:
    images = {image.name for image in cloud.image.images()}
    flavors = {flavor.name for flavor in cloud.compute.flavors()}
    networks = {network.name for network in cloud.network.networks(is_router_external=True)}
    missing = [
        *_missing("image", [image.cloud_name for image in plan.images], images),
        *_missing("flavor", [flavor.cloud_name for flavor in plan.flavors], flavors),
        *_missing("external network", [plan.environment.external_network], networks),
    ]
    if missing:
        raise CatalogMissing(
            "; ".join(missing),
            hint="name what the cloud has, under catalog in site.yaml or in the environment's file",
        )


def _missing(kind: str, wanted: list[str], found: set[str]) -> list[str]:
    """Return a sentence for each wanted name that the cloud does not have."""
    has = ", ".join(sorted(found)) or "none"
    return [
        f"the cloud has no {kind} {name!r} (it has: {has})"
        for name in wanted
        if name and name not in found
    ]
