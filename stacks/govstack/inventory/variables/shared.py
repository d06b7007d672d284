"""What several roles are given alike."""

from govstack.inventory.variables.model import Machine
from govstack.inventory.variables.view import View
from govstack.site.systems import Service
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


def serving(view: View, host: Machine) -> Service | None:
    """Return the first service that a host offers, None if it offers none."""
    declared = next(each for each in view.site.systems if each.id == host.system.id)
    return next((offer for offer in declared.offers if offer.role == host.node.role), None)
