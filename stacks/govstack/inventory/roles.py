"""Which roles configure a host: those that every host gets, and further ones by what it is."""

from dataclasses import dataclass

from govstack.inventory.tables import Further, RoleTable, Where
from govstack.site.kinds import Domain, Exposure, Layer
from govstack.site.model import Site
from govstack.site.naming import short_id
from govstack.site.systems import NodeGroup, System


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What the table of roles may ask of a host."""

    system: str
    node_role: str
    layer: Layer
    domain: Domain
    services: frozenset[str]
    ports: frozenset[str]
    exposures: frozenset[Exposure]
    way_in: bool
    balancer: bool


def traits_of(site: Site, system: System, group: NodeGroup) -> Traits:
    """Return what the table may ask of the hosts of a group."""
    offers = [service for service in system.offers if service.role == group.role]
    return Traits(
        system=short_id(system.birth),
        node_role=group.role,
        layer=system.layer,
        domain=system.domain,
        services=frozenset(service.name for service in offers),
        ports=frozenset(str(service.port) for service in offers),
        exposures=frozenset(zone.exposure for zone in site.zones if zone.id in group.zones),
        way_in=group.floating_ip,
        balancer=site.balancers == f"{system.id}/{group.role}",
    )


def roles_of(table: RoleTable, traits: Traits) -> tuple[str, ...]:
    """Return the full names of the roles of a host, in the order in which they are run."""
    own = [each for each in table.further if _applies(each, traits)]
    shared = [each for each in own if not each.alone]
    names = (*table.every, *(each.role for each in shared or own), *table.closing)
    return tuple(f"{table.collection}.{name}" for name in names)


def _applies(further: Further, traits: Traits) -> bool:
    return any(_holds(where, traits) for where in further.where)


def _holds(where: Where, traits: Traits) -> bool:
    asked = (
        (where.system, {traits.system}),
        (where.node_role, {traits.node_role}),
        (where.layer, {traits.layer}),
        (where.domain, {traits.domain}),
        (where.service, traits.services),
        (where.port, traits.ports),
        (where.exposure, traits.exposures),
        (() if where.way_in is None else (where.way_in,), {traits.way_in}),
        (() if where.balancer is None else (where.balancer,), {traits.balancer}),
    )
    return all(not wanted or not found.isdisjoint(wanted) for wanted, found in asked)
