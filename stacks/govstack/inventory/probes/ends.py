"""From which hosts a probe is made: what stands for `from`, in terms of a site."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from govstack.inventory.probes.declared import From
from govstack.inventory.variables.model import Machine
from govstack.inventory.variables.view import View, tcp, udp
from govstack.plan.model import CredentialPlan
from govstack.site.kinds import Port
from govstack.site.systems import Service


@dataclass(frozen=True, slots=True)
class Login:
    """A password that a system has for a service."""

    credential: CredentialPlan
    service: Service


@dataclass(frozen=True, slots=True)
class Ends:
    """The host whose role is proven, and the one that a probe is made from.

    Attributes:
        address: by which the first is reached from the other.
        login: what the other may log in with.
    """

    server: Machine
    here: Machine
    address: str
    login: Login | None = None


def ends_of(view: View, hosts: From, server: Machine, port: str) -> Iterator[Ends]:
    """Yield the pairs of hosts between which a probe is made.

    Args:
        view: the site.
        hosts: what the probe says of it.
        server: the host whose role is proven.
        port: where clients and users come to: a number of TCP, or written as `udp/53`.
    """
    if hosts is From.SELF:
        yield Ends(server, server, server.address)
    elif hosts is From.PEER:
        for each in view.of(server.system.id, server.node.role):
            if each != server:
                yield Ends(server, each, server.address)
    elif hosts is From.USER:
        yield from _users(view, server, _port(port))
    else:
        found = _clients(view, server, _port(port))
        yield from islice(found, None if hosts is From.CLIENTS else 1)


def _clients(view: View, server: Machine, port: Port) -> Iterator[Ends]:
    """Yield one host of each system that a flow leads to a port of the host."""
    seen: set[str] = set()
    for each in view.machines.values():
        if each != server and each.way is not None and each.system.id not in seen:
            for address in view.reached(each, server, port)[:1]:
                seen.add(each.system.id)
                yield Ends(server, each, address)


def _users(view: View, server: Machine, port: Port) -> Iterator[Ends]:
    """Yield one host of each system that has a password for what a host offers at a port."""
    offers = {
        f"{system.id}.{offer.name}": offer
        for system in view.site.systems
        for offer in system.offers
        if (system.id, offer.role, offer.port) == (server.system.id, server.node.role, port)
    }
    for system in view.plan.systems:
        machines = [
            each
            for each in view.machines.values()
            if each.system.id == system.id and each.way is not None
        ]
        for credential in system.credentials:
            offer = offers.get(credential.service)
            if offer is not None:
                found = (
                    Ends(server, each, address, Login(credential, offer))
                    for each in machines
                    for address in view.reached(each, server, offer.port)[:1]
                )
                yield from islice(found, 1)


def _port(text: str) -> Port:
    protocol, _, number = text.rpartition("/")
    return udp(int(number)) if protocol == "udp" else tcp(int(number))
