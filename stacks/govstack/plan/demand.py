"""Which services of the cloud a plan needs beyond its core, by their official types."""

from collections.abc import Iterator

from govstack.plan.model import Plan

DNS = "dns"
KEY_MANAGER = "key-manager"
LOAD_BALANCER = "load-balancer"
OBJECT_STORE = "object-store"
SHARED_FILE_SYSTEM = "shared-file-system"


def cloud_services(plan: Plan) -> frozenset[str]:
    """Return the types of services without which the plan cannot be made."""
    return frozenset(_services(plan))


def _services(plan: Plan) -> Iterator[str]:
    if plan.platform.dns_zone:
        yield DNS
    for system in plan.systems:
        if system.balancers:
            yield LOAD_BALANCER
        if system.containers:
            yield OBJECT_STORE
        if system.shares:
            yield SHARED_FILE_SYSTEM
        if system.credentials and system.keeps_credentials:
            yield KEY_MANAGER
