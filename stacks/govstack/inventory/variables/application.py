"""The variables of what runs applications."""

from govstack.inventory.variables.data import AMQP, SQL
from govstack.inventory.variables.exchange import published
from govstack.inventory.variables.model import Left, Machine, Values
from govstack.inventory.variables.shared import serving, shown
from govstack.inventory.variables.view import View
from govstack.site.kinds import Share
from govstack.site.naming import short_id
from govstack.site.systems import Service
from govstack.values.secret import Secret

Told = tuple[dict[str, str], dict[str, Secret]]
"""Settings of an application, and its secrets."""


def application(view: View, host: Machine) -> Values | Left:
    """Return what the application is told of itself and of the services that it uses."""
    service = serving(view, host)
    if service is None:
        return Left("it offers nothing")
    settings: dict[str, str] = {}
    secrets: dict[str, Secret] = {}
    for more, hidden in (_signing_in(view, host), *_services(view, host)):
        settings |= more
        secrets |= hidden
    return {
        "application_name": short_id(host.system.birth),
        "application_environment": {
            "SYSTEM": host.system.id,
            "TITLE": host.system.name,
            "URL": view.url(host, service),
            **settings,
        },
        "application_secrets": secrets,
        "application_port": service.port.first,
        **shown(view, host, "application", service.name),
    }


def _services(view: View, host: Machine) -> list[Told]:
    """Return what is told of each service that the host may use with a password."""
    return [
        _told(view, host, (server, offer), (each.account, view.material.password(each.key)))
        for each, server, offer in view.used(host)
    ]


def _told(
    view: View, host: Machine, end: tuple[Machine, Service], login: tuple[str, Secret]
) -> Told:
    """Return what an application is told of a service, by what its host is."""
    (server, offer), (account, password) = end, login
    if "database" in server.roles and offer.port == SQL:
        return _database(server, account), {"database_password": password}
    if "message_queue" in server.roles and offer.port == AMQP:
        return _queue(server, account), {"queue_password": password}
    root = f"https://{server.name}:{offer.port.first}"
    if "data_exchange" in server.roles and (data_set := _handed_over(view, host)):
        names = {"EXCHANGE_URL": root, "EXCHANGE_ACCOUNT": host.system.id, "DATA_SET": data_set}
        return names, {"exchange_password": password}
    if "api_gateway" in server.roles and (path := _read(view, host, server)):
        return {"GATEWAY_URL": root, "READS": path}, {"gateway_key": password}
    return {}, {}


def _database(server: Machine, account: str) -> dict[str, str]:
    return {
        # The primary: the service's own name may lead to a copy, which takes no writes.
        "DATABASE_HOST": server.name,
        "DATABASE_PORT": str(SQL.first),
        "DATABASE_NAME": account,
        "DATABASE_ACCOUNT": account,
    }


def _queue(server: Machine, account: str) -> dict[str, str]:
    return {
        "QUEUE_HOST": server.name,
        "QUEUE_PORT": str(AMQP.first),
        "QUEUE_SPACE": account,
        "QUEUE": "records",
        "QUEUE_ACCOUNT": account,
    }


def _handed_over(view: View, host: Machine) -> str:
    """Return the first data set that the system shares with others."""
    declared = next(each for each in view.site.systems if each.id == host.system.id)
    return next((each.id for each in declared.data_sets if each.share is not Share.NONE), "")


def _read(view: View, host: Machine, gateway: Machine) -> str:
    """Return where the first data set is found that the system consumes through a gateway."""
    found = (
        f"/{system.id}/{each.id}"
        for system, each in published(view, gateway)
        if host.system.id in each.consumers
    )
    return next(found, "")


def _signing_in(view: View, host: Machine) -> Told:
    """Return where people sign in, if the host may reach who knows them."""
    for each in view.having("identity"):
        service = serving(view, each)
        if service and view.reached(host, each, service.port):
            return {
                "OIDC_ISSUER": view.url(each, service),
                "OIDC_CLIENT": host.system.id,
            }, {
                "oidc_secret": view.material.own(f"{host.system.birth} sign-in"),
                "session_key": view.material.own(f"{host.system.birth} sessions"),
            }
    return {}, {}
