"""From declared paths to rules of security groups and routes between zones."""

from collections import defaultdict
from collections.abc import Mapping
from ipaddress import IPv4Network

from govstack.plan.addresses import Addressing
from govstack.plan.model import RoutePlan, RulePlan
from govstack.site.ends import OutsideEnd, SystemEnd, ZoneEnd
from govstack.site.model import Site
from govstack.site.reach import Reach, reaches_of, source_zones

Rules = Mapping[tuple[str, str], tuple[RulePlan, ...]]
"""Rules by system and role."""

Routes = Mapping[str, tuple[RoutePlan, ...]]
"""Routes by zone."""


def rules_of(site: Site, addressing: Addressing) -> Rules:
    """Return who may reach each role of each system; all else is denied."""
    found: defaultdict[tuple[str, str], dict[tuple[object, str], list[str]]] = defaultdict(dict)
    for reach in reaches_of(site):
        for remote in _remotes(site, addressing, reach):
            purposes = found[reach.system, reach.role].setdefault((reach.port, str(remote)), [])
            if reach.purpose not in purposes:
                purposes.append(reach.purpose)
    return {
        role: tuple(
            sorted(
                RulePlan(port=port, remote=remote, purpose="; ".join(purposes))  # type: ignore[arg-type] # ports are keys
                for (port, remote), purposes in rules.items()
            )
        )
        for role, rules in found.items()
    }


def routes_of(site: Site, addressing: Addressing) -> Routes:
    """Return the routes that declared paths need, both ways; no path, no route."""
    pairs: set[tuple[str, str]] = set()
    for reach in reaches_of(site):
        for zone in source_zones(site, reach.source):
            if zone != reach.zone:
                pairs |= {(zone, reach.zone), (reach.zone, zone)}
    supernets = {zone.id: zone.supernet for zone in site.zones}
    return {
        zone.id: tuple(
            RoutePlan(destination=supernets[other], next_hop=addressing.transit[other])
            for other in supernets
            if (zone.id, other) in pairs
        )
        for zone in site.zones
    }


def _remotes(site: Site, addressing: Addressing, reach: Reach) -> tuple[IPv4Network, ...]:
    """Return where a path may come from; one role is named by address, all else by network."""
    match reach.source:
        case OutsideEnd(network):
            return (network,)
        case ZoneEnd(zone):
            return tuple(item.supernet for item in site.zones if item.id == zone)
        case SystemEnd(system, ""):
            return tuple(
                network
                for (owner, _), (network, _provisional) in addressing.subnets.items()
                if owner == system
            )
        case SystemEnd(system, role):
            nodes = addressing.nodes[system, role]
            return tuple(IPv4Network(node.address) for node in nodes)
