"""Which role is given what: one row for each role."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from govstack.inventory.variables import (
    application,
    backup,
    data,
    every,
    exchange,
    infrastructure,
    packages,
)
from govstack.inventory.variables.model import HostRoles, Left, Machine, Values
from govstack.inventory.variables.view import View

Maker = Callable[[View, Machine], Values | Left]

MAKERS: Final[Mapping[str, Maker]] = {
    "api_gateway": exchange.api_gateway,
    "application": application.application,
    "backup_client": backup.backup_client,
    "backup_server": backup.backup_server,
    "base": every.base,
    "bastion": infrastructure.bastion,
    "cache": data.cache,
    "data_exchange": exchange.data_exchange,
    "database": data.database,
    "dns_server": infrastructure.dns_server,
    "firewall": every.firewall,
    "hardening": every.hardening,
    "identity": exchange.identity,
    "key_service": exchange.key_service,
    "load_balancer": data.load_balancer,
    "log_client": every.log_client,
    "log_server": infrastructure.log_server,
    "message_queue": data.message_queue,
    "monitoring": infrastructure.monitoring,
    "monitoring_agent": every.monitoring_agent,
    "package_repository": packages.package_repository,
    "resolver": every.resolver,
    "time": every.time,
    "time_server": infrastructure.time_server,
}


def host_roles(
    view: View, collection: str, only: Collection[str] | None = None
) -> Iterator[HostRoles]:
    """Yield what each host is configured with, in the order of the plan.

    Args:
        view: the site.
        collection: the collection that the roles are in.
        only: the hosts that are asked for; all if None.
    """
    for host in view.machines.values():
        if only is not None and host.name not in only:
            continue
        variables: dict[str, object] = {}
        roles: list[str] = []
        left: dict[str, str] = {}
        for role in host.roles:
            made = MAKERS[role](view, host)
            if isinstance(made, Left):
                left[role] = made.reason
            else:
                roles.append(f"{collection}.{role}")
                variables |= made
        yield HostRoles(
            host=host.name,
            system=host.system.id,
            layer=host.system.layer.value,
            roles=tuple(roles),
            variables=variables,
            left=left,
        )
