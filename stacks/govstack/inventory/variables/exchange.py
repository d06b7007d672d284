"""The variables of roles by which systems get at each other's data, at people and at keys."""

from collections.abc import Iterator

from govstack.inventory.variables.data import SQL
from govstack.inventory.variables.model import Left, Machine, Values
from govstack.inventory.variables.people import signing_in
from govstack.inventory.variables.shared import serving, shown
from govstack.inventory.variables.view import View
from govstack.plan.model import CredentialPlan
from govstack.site.kinds import Share
from govstack.site.systems import DataSet, Service, System


def data_exchange(view: View, host: Machine) -> Values | Left:
    """Return the catalogue, who may come in, and the database that sets are kept in."""
    service = serving(view, host)
    store = next(_servers(view, host, "database"), None)
    if service is None or store is None:
        return Left("it offers nothing" if service is None else "it uses no database")
    server, database, account = store
    users = dict(view.credentials_of(host.system.id, service.name))
    sets = [
        _catalogued(system, each, _readers(view, host, each, users))
        for system, each in _data_sets(view)
        if system.id in users
    ]
    return {
        "data_exchange_sets": sets,
        "data_exchange_accounts": [
            {"name": user, "password": view.material.password(each.key)}
            for user, each in users.items()
        ],
        "data_exchange_port": service.port.first,
        "data_exchange_database_host": server.name,
        "data_exchange_database_port": database.port.first,
        "data_exchange_database_name": account.account,
        "data_exchange_database_account": account.account,
        "data_exchange_database_password": view.material.password(account.key),
        **shown(view, host, "data_exchange", service.name),
    }


def api_gateway(view: View, host: Machine) -> Values | Left:
    """Return what is published through it, where that is had from, and who may ask."""
    service = serving(view, host)
    behind = next(_servers(view, host, "data_exchange"), None)
    if service is None or behind is None:
        return Left("it offers nothing" if service is None else "it uses no data exchange")
    exchange, offer, account = behind
    sets = {f"/{system.id}/{each.id}": each for system, each in published(view, host)}
    root = f"https://{exchange.name}:{offer.port.first}/sets"
    users = view.credentials_of(host.system.id, service.name)
    consumers = [
        {"name": user, "key": view.material.password(each.key), "paths": paths}
        for user, each in users
        if (paths := [path for path, one in sets.items() if user in one.consumers])
    ]
    return {
        "api_gateway_title": f"{view.site.name} {host.system.name}",
        "api_gateway_port": service.port.first,
        "api_gateway_services": [
            {
                "path": path,
                "name": each.name,
                "to": f"{root}{path}",
                "account": host.system.id,
                "password": view.material.password(account.key),
            }
            for path, each in sets.items()
        ],
        "api_gateway_consumers": consumers,
        **shown(view, host, "api_gateway", service.name),
    }


def identity(view: View, host: Machine) -> Values | Left:
    """Return who signs in, and to what."""
    service = serving(view, host)
    if service is None:
        return Left("it offers nothing")
    return {
        "identity_name": view.named(host, service),
        "identity_port": service.port.first,
        **signing_in(view),
        "identity_applications": [
            {
                "name": each.system.id,
                "secret": view.material.own(f"{each.system.birth} sign-in"),
                "addresses": [f"{address}/callback"],
            }
            for each, address in _signing_in(view, host, service)
        ],
        "identity_secret": view.material.own(f"{host.system.birth} sessions"),
        "identity_signing_key": view.material.signing(f"{host.system.birth} sign-in"),
        **shown(view, host, "identity", service.name),
    }


def key_service(view: View, host: Machine) -> Values | Left:
    """Return accounts; each has a key to encrypt with and one to sign with."""
    service = serving(view, host)
    if service is None:
        return Left("it offers nothing")
    users = view.credentials_of(host.system.id, service.name)
    volume = next((one.mount for one in host.node.volumes), "")
    return {
        "key_service_port": service.port.first,
        "key_service_keys": [
            {"name": f"{user}-{kind}", "kind": kind, "users": [user]}
            for user, _ in users
            for kind in ("encryption", "signature")
        ],
        "key_service_accounts": [
            {"name": user, "password": view.material.password(each.key)} for user, each in users
        ],
        "key_service_pin": view.material.own(f"{host.system.birth} token"),
        **({"key_service_folder": volume} if volume else {}),
        **shown(view, host, "key_service", service.name),
    }


def published(view: View, host: Machine) -> Iterator[tuple[System, DataSet]]:
    """Yield the data sets that are had through a host's system."""
    for system, each in _data_sets(view):
        if each.through.system == host.system.id and each.share is not Share.NONE:
            yield system, each


def _data_sets(view: View) -> Iterator[tuple[System, DataSet]]:
    for system in view.site.systems:
        for each in system.data_sets:
            yield system, each


def _readers(
    view: View, host: Machine, each: DataSet, users: dict[str, CredentialPlan]
) -> list[str]:
    """Return who may read a set here: its consumers, or who hands it on to them."""
    if each.share is Share.NONE:
        return []
    if each.through.system == host.system.id:
        return [user for user in each.consumers if user in users]
    through = each.through.system
    gateways = {one.system.id for one in view.having("api_gateway")}
    return [through] if through in users and through in gateways else []


def _catalogued(system: System, each: DataSet, consumers: list[str]) -> dict[str, object]:
    return {
        "provider": system.id,
        "id": each.id,
        "name": each.name,
        "share": each.share.value,
        "condition": each.condition,
        "data_class": each.data_class.value,
        "format": each.format.value,
        "update_cycle": each.update_cycle,
        "consumers": consumers,
    }


def _servers(
    view: View, host: Machine, role: str
) -> Iterator[tuple[Machine, Service, CredentialPlan]]:
    """Yield hosts with a role whose service the host's system has a password for."""
    for credential, server, service in view.used(host):
        if role in server.roles and (role != "database" or service.port == SQL):
            yield server, service, credential


def _signing_in(view: View, host: Machine, service: Service) -> Iterator[tuple[Machine, str]]:
    """Yield the first host of each application that people sign in to, and its address."""
    seen: set[str] = set()
    for each in view.having("application"):
        own = serving(view, each)
        if own and each.system.id not in seen and view.reached(each, host, service.port):
            seen.add(each.system.id)
            yield each, view.url(each, own)
