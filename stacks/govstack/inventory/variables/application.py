"""The variables of what runs applications."""

from typing import Final

from govstack.inventory.variables.data import AMQP
from govstack.inventory.variables.model import Left, Machine, Values
from govstack.inventory.variables.shared import shown
from govstack.inventory.variables.view import View
from govstack.site.kinds import Port, Protocol
from govstack.site.naming import short_id
from govstack.values.secret import Secret

HTTPS: Final = 443


def application(view: View, host: Machine) -> Values | Left:
    """Return what the application is told of itself and of the services that it uses."""
    declared = next(each for each in view.site.systems if each.id == host.system.id)
    offers = [offer for offer in declared.offers if offer.role == host.node.role]
    if not offers:
        return Left("it offers nothing")
    port = offers[0].port
    settings, secrets = _uses(view, host)
    return {
        "application_name": short_id(host.system.birth),
        "application_environment": {
            "SYSTEM": host.system.id,
            "TITLE": host.system.name,
            "URL": _address(view, host, port),
            **settings,
        },
        "application_secrets": secrets,
        "application_port": port.first,
        **shown(view, host, "application", view.service_at(host, port)),
    }


def _address(view: View, host: Machine, port: Port) -> str:
    service = view.service_at(host, port)
    found = (each.domain for each in host.system.endpoints if each.service == service)
    name = next(found, "") or host.name
    return f"https://{name}" if port.first == HTTPS else f"https://{name}:{port.first}"


def _uses(view: View, host: Machine) -> tuple[dict[str, str], dict[str, Secret]]:
    """Return settings and secrets for each service with a password that the host may reach."""
    settings: dict[str, str] = {}
    secrets: dict[str, Secret] = {}
    systems = {each.id: each for each in view.site.systems}
    for credential in host.system.credentials:
        provider, _, service = credential.service.partition(".")
        offers = systems[provider].offers if provider in systems else ()
        for offer in offers:
            if offer.name != service or offer.port.protocol is not Protocol.TCP:
                continue
            servers = [
                each
                for each in view.of(provider, offer.role)
                if view.reached(host, each, offer.port)
            ]
            if servers:
                secret = view.material.password(credential.key)
                found = _told(servers[0], offer.port, credential.account, secret)
                settings |= found[0]
                secrets |= found[1]
    return settings, secrets


def _told(
    server: Machine, port: Port, account: str, password: Secret
) -> tuple[dict[str, str], dict[str, Secret]]:
    """Return what an application is told of a service, by what its host is."""
    if "database" in server.roles:
        return {
            # The primary: the service's own name may lead to a copy, which takes no writes.
            "DATABASE_HOST": server.name,
            "DATABASE_PORT": str(port.first),
            "DATABASE_NAME": account,
            "DATABASE_ACCOUNT": account,
        }, {"database_password": password}
    if "message_queue" in server.roles and port == AMQP:
        return _queue(server, port, account), {"queue_password": password}
    return {}, {}


def _queue(server: Machine, port: Port, account: str) -> dict[str, str]:
    return {
        "QUEUE_HOST": server.name,
        "QUEUE_PORT": str(port.first),
        "QUEUE_SPACE": account,
        "QUEUE": "records",
        "QUEUE_ACCOUNT": account,
    }
