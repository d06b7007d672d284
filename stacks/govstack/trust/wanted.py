"""Which X.509 certificates a site needs: one for each node, and one for each service on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Final

from govstack.plan.model import EndpointPlan, NodePlan, Plan, SystemPlan
from govstack.site.kinds import Protocol
from govstack.site.model import Site

NODE: Final = "_node"
"""Stands for a node itself, whose agents show it when they speak to others; no id is like it."""

SSH: Final = 22


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Wanted:
    """A certificate that must be there; no two have the same host and service.

    Attributes:
        host: the node that shows it.
        service: the service's name, or `NODE`.
        system: whose node it is.
        names: under which names clients look for it, the node's own first.
        addresses: and under which addresses.
    """

    host: str
    service: str
    system: str
    names: tuple[str, ...]
    addresses: tuple[IPv4Address, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Return what tells it from all others."""
        return self.host, self.service


def wanted_certificates(site: Site, plan: Plan) -> tuple[Wanted, ...]:
    """Return all certificates that the site needs, by host, the node's own first."""
    roles = {
        (system.id, service.name): service.role
        for system in site.systems
        for service in system.offers
    }
    return tuple(
        certificate
        for system in plan.systems
        for node in system.nodes
        for certificate in _of_node(system, node, roles)
    )


def addresses_of(node: NodePlan) -> tuple[IPv4Address, ...]:
    """Return all addresses of a node, its first one first."""
    return (node.address, *(link.address for link in node.links))


def _of_node(
    system: SystemPlan, node: NodePlan, roles: dict[tuple[str, str], str]
) -> Iterator[Wanted]:
    own = addresses_of(node)
    yield Wanted(host=node.name, service=NODE, system=system.id, names=(node.name,), addresses=own)
    for endpoint in system.endpoints:
        if roles[system.id, endpoint.service] == node.role and _may_be_encrypted(endpoint):
            # What a balancer answers for is found at its address.
            shared = () if node.address in endpoint.addresses else endpoint.addresses
            yield Wanted(
                host=node.name,
                service=endpoint.service,
                system=system.id,
                names=(node.name, *((endpoint.domain,) if endpoint.domain else ())),
                addresses=(*own, *(one for one in shared if one not in own)),
            )


def _may_be_encrypted(endpoint: EndpointPlan) -> bool:
    """Tell whether TLS can be spoken there: SSH has certificates of its own."""
    port = endpoint.port
    return port.protocol is Protocol.TCP and not port.first <= SSH <= port.last
