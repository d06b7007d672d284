"""Which networks reach which, by routers and their routes; pure."""

from collections.abc import Iterator
from ipaddress import ip_network

from govstack_sandbox.hosts.neutron import Cloud, Router


def reachable(cloud: Cloud) -> dict[str, frozenset[str]]:
    """Return for each network those that it reaches and that reach it, itself among them.

    A way in one direction only is none: no answer would come back.
    """
    one_way = {
        network: {other for other in cloud.subnets if _reaches(cloud, network, other)}
        for network in cloud.subnets
    }
    return {
        network: frozenset(other for other in others if network in one_way[other])
        for network, others in one_way.items()
    }


def gateways(cloud: Cloud) -> dict[str, Router]:
    """Return the router with a way outside of each network that has one."""
    return {
        network: router
        for router in cloud.routers
        if router.gateway
        for network in sorted(router.networks)
    }


def _reaches(cloud: Cloud, start: str, end: str) -> bool:
    if start == end:
        return True
    own = [router for router in cloud.routers if start in router.networks]
    seen: set[str] = set()
    while own:
        router = own.pop()
        if end in router.networks:
            return True
        if router.id not in seen:
            seen.add(router.id)
            own += _next_routers(cloud, router, end)
    return False


def _next_routers(cloud: Cloud, router: Router, end: str) -> Iterator[Router]:
    """Yield the routers that this one hands on to what goes to a network."""
    for cidr in cloud.subnets[end]:
        target = ip_network(cidr)
        fitting = [
            (ip_network(to).prefixlen, hop)
            for to, hop in router.routes
            if ip_network(to).version == target.version and target.subnet_of(ip_network(to))
        ]
        if fitting:
            hop = max(fitting)[1]
            for other in cloud.routers:
                shared = [network for network, address in other.interfaces if address == hop]
                if router.networks & set(shared):
                    yield other
