"""The variables of the site's repository of packages, and of those who take packages from there."""

from typing import Final

from govstack.inventory.variables.model import Left, Machine, Values
from govstack.inventory.variables.shared import shown
from govstack.inventory.variables.view import View
from govstack.site.systems import Service

ROLE: Final = "package_repository"
SERVICE: Final = "repository"
FAMILY: Final = "debian"
"""Whose packages the role publishes, which needs such a system itself."""
NAME: Final = "site"


def package_repository(view: View, host: Machine) -> Values | Left:
    """Return what is published, and the key that it is signed with."""
    service = _offered(view, host)
    if host.family != FAMILY:
        return Left(f"it publishes packages of {FAMILY}, and is of {host.family} itself")
    if service is None:
        return Left(f"it offers no {SERVICE}")
    declared = view.site.packages
    volume = next((each.mount for each in host.node.volumes), "")
    return {
        "package_repository_site": view.site.id,
        "package_repository_suites": [declared.suite],
        "package_repository_port": service.port.first,
        "package_repository_signing_key": view.material.publishing(*_key(view, host))[1],
        **({"package_repository_folder": volume} if volume else {}),
        **(
            {"package_repository_source": str(view.site.root / declared.source)}
            if declared.source
            else {}
        ),
        **shown(view, host, ROLE, service.name),
    }


def repositories(view: View, host: Machine) -> Values:
    """Return where a host takes packages from; nothing if its system takes others."""
    found = repository(view, host)
    if found is None:
        return {}
    server, service = found
    suite = view.site.packages.suite
    return {
        "base_repositories": [
            {
                "name": NAME,
                "uri": f"{view.root(server.name, service)}/{suite}",
                "suite": suite,
                "key": view.material.publishing(*_key(view, server))[0],
            }
        ],
        "base_repositories_only": view.site.packages.only,
    }


def repository(view: View, host: Machine) -> tuple[Machine, Service] | None:
    """Return the first host with packages for another that a flow leads it to, and its service."""
    for server in view.having(ROLE):
        service = _offered(view, server)
        fits = host.family == server.family == FAMILY
        if fits and service and view.reached(host, server, service.port):
            return server, service
    return None


def _offered(view: View, host: Machine) -> Service | None:
    offers = view.systems[host.system.id].offers
    mine = (each for each in offers if each.role == host.node.role)
    return next((each for each in mine if each.name == SERVICE), None)


def _key(view: View, host: Machine) -> tuple[str, str]:
    return f"{host.system.birth} packages", f"{view.site.name} {host.system.name}"
