"""What several roles are given alike."""

from govstack.inventory.variables.model import Machine
from govstack.inventory.variables.view import View
from govstack.trust.wanted import NODE


def shown(view: View, host: Machine, role: str, service: str = "") -> dict[str, object]:
    """Return authority, certificate and key, as a role calls them.

    Args:
        view: the site.
        host: who shows the certificate.
        role: whose variables these are.
        service: what is shown for; the host itself if empty.
    """
    material = view.material.certificate(host.name, service or NODE)
    return {
        f"{role}_authority": view.material.authority,
        f"{role}_certificate": material.certificate,
        f"{role}_key": material.key,
    }


def named(view: View, host: Machine) -> str:
    """Return the whole name of a host."""
    return f"{host.name}.{view.site.dns_domain}" if view.site.dns_domain else host.name
