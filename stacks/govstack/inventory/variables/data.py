"""The variables of roles that keep data, pass it on, or balance those who do."""

from collections.abc import Iterator
from typing import Final

from govstack.inventory.variables.model import Left, Machine, Values
from govstack.inventory.variables.shared import shown
from govstack.inventory.variables.view import View, tcp
from govstack.plan.model import CredentialPlan, SystemPlan
from govstack.site.ends import SystemEnd
from govstack.site.kinds import Port
from govstack.site.reach import reaches_of

SQL: Final = tcp(5432)
AMQP: Final = tcp(5671)
CACHE: Final = tcp(6379)
EVERYTHING: Final = ".*"


def database(view: View, host: Machine) -> Values:
    """Return accounts and databases of all users; the first host is the primary."""
    service = view.service_at(host, SQL)
    primary, *others = view.of(host.system.id, host.node.role)
    peers = [each for each in (primary, *others) if each != host]
    users = list(_users(view, host, service, SQL))
    volume = next((one.mount for one in host.node.volumes), "")
    return {
        "database_primary": "" if host == primary else primary.name,
        "database_replicas": [each.address for each in peers],
        "database_replication_password": view.material.own(f"{host.system.birth} replication"),
        "database_accounts": [
            {
                "name": each.account,
                "password": view.material.password(each.key),
                "addresses": addresses,
            }
            for each, _, addresses in users
        ],
        "database_databases": [
            {"name": each.account, "owner": each.account} for each, _, _ in users
        ],
        **({"database_folder": volume} if volume else {}),
        **shown(view, host, "database", service),
    }


def message_queue(view: View, host: Machine) -> Values:
    """Return accounts; each has a virtual host of its own."""
    service = view.service_at(host, AMQP)
    users = list(_users(view, host, service, AMQP))
    rights = {"configure": EVERYTHING, "write": EVERYTHING, "read": EVERYTHING}
    return {
        "message_queue_accounts": [
            {"name": each.account, "password": view.material.password(each.key)}
            for each, _, _ in users
        ],
        "message_queue_hosts": [
            {"name": each.account, "rights": [{"account": each.account, **rights}]}
            for each, _, _ in users
        ],
        **shown(view, host, "message_queue", service),
    }


def cache(view: View, host: Machine) -> Values:
    """Return accounts; each has keys of its own."""
    service = view.service_at(host, CACHE)
    return {
        "cache_accounts": [
            {
                "name": each.account,
                "password": view.material.password(each.key),
                "prefixes": [f"{each.account}:"],
            }
            for each, _, _ in _users(view, host, service, CACHE)
        ],
        **shown(view, host, "cache", service),
    }


def load_balancer(view: View, host: Machine) -> Values | Left:
    """Return what is balanced; encryption does not end here, since certificates are behind."""
    itself = SystemEnd(host.system.id, host.node.role)
    fronts = {
        (reach.system, reach.role, reach.port)
        for reach in reaches_of(view.site)
        if reach.source == itself
    }
    services = [
        {
            "name": f"{system.id}-{offer.name}",
            "port": offer.port.first,
            "mode": "tcp",
            "servers": [
                {"name": each.name, "address": each.address, "port": offer.port.first}
                for each in view.of(system.id, offer.role)
            ],
        }
        for system in view.site.systems
        for offer in system.offers
        if offer.balanced and (system.id, offer.role, offer.port) in fronts
    ]
    if not services:
        return Left("nothing is balanced by it")
    return {"load_balancer_services": services, **shown(view, host, "load_balancer")}


def _users(
    view: View, host: Machine, service: str, port: Port
) -> Iterator[tuple[CredentialPlan, SystemPlan, list[str]]]:
    """Yield who has a password for a service of a host, with the addresses that they come from."""
    for system, credential in view.credentials(host.system.id, service):
        addresses = [
            each.address
            for each in view.machines.values()
            if each.system.id == system.id and view.reached(each, host, port)
        ]
        if addresses:
            yield credential, system, sorted(addresses)
