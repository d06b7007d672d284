"""Make the plan of a site: pure, so the same site always gives the same plan."""

from govstack.plan.addresses import Addressing, addressing_of
from govstack.plan.flows import Routes, Rules, routes_of, rules_of
from govstack.plan.labels import as_tags, node_labels, platform_labels, system_labels
from govstack.plan.model import (
    EndpointPlan,
    GroupPlan,
    NetworkPlan,
    NodePlan,
    Plan,
    PlatformPlan,
    ProjectPlan,
    RouterPlan,
    SystemPlan,
)
from govstack.plan.order import in_order
from govstack.plan.quota import quota_of
from govstack.site.model import PLATFORM, Exposure, Layer, NodeGroup, Site, System
from govstack.site.naming import group_name, network_name, project_name, router_name, user_name


def make_plan(site: Site) -> Plan:
    """Return what follows from the site.

    Raises:
        CapacityExceeded: a zone has no addresses left.
    """
    addressing = addressing_of(site)
    rules = rules_of(site, addressing)
    systems = tuple(_system(site, system, addressing, rules) for system in in_order(site))
    routes = routes_of(site, addressing)
    return Plan(
        site=site.id,
        code=site.code,
        name=site.name,
        environment=site.environment,
        platform=_platform(site, addressing, routes, systems),
        systems=systems,
        provisional=tuple(addressing.added.values()),
    )


def _platform(
    site: Site, addressing: Addressing, routes: Routes, systems: tuple[SystemPlan, ...]
) -> PlatformPlan:
    tags = as_tags(platform_labels(site, PLATFORM))
    return PlatformPlan(
        id=PLATFORM,
        name="平台底座",
        layer=Layer.INFRASTRUCTURE,
        code=site.code,
        environment=site.environment,
        transit=site.transit,
        routers=tuple(
            RouterPlan(
                zone=zone.id,
                name=router_name(site.code, zone.id),
                description=f"{zone.id} {zone.name}",
                tags=tags,
                external=zone.exposure is not Exposure.INTERNAL,
                transit_address=addressing.transit[zone.id],
                routes=routes[zone.id],
            )
            for zone in site.zones
        ),
        flavors=site.flavors,
        images=site.images,
        projects=tuple(
            sorted((system.project for system in systems), key=lambda project: project.system)
        ),
        tags=tags,
    )


def _system(site: Site, system: System, addressing: Addressing, rules: Rules) -> SystemPlan:
    tenants = {tenant.id: tenant for tenant in site.tenants}
    networks = _networks(site, system, addressing)
    groups = tuple(
        GroupPlan(
            role=group.role,
            name=group_name(site.code, system.id, group.role),
            rules=rules.get((system.id, group.role), ()),
        )
        for group in system.nodes
    )
    nodes = tuple(
        node for group in system.nodes for node in _nodes(site, system, group, addressing)
    )
    tags = as_tags(system_labels(site, system))
    return SystemPlan(
        id=system.id,
        name=system.name,
        layer=system.layer,
        tenant=system.tenant,
        tenant_name=tenants[system.tenant].name,
        mlps=system.mlps,
        project=ProjectPlan(
            system=system.id,
            name=project_name(site.code, system.id),
            user=user_name(site.code, system.id),
            description=f"{system.name}, {tenants[system.tenant].name}",
            tags=tags,
            quota=quota_of(networks, groups, nodes, site.flavors),
        ),
        networks=networks,
        groups=groups,
        nodes=nodes,
        endpoints=_endpoints(system, addressing),
        tags=tags,
        protected=not site.environment.disposable,
        upstream=(PLATFORM, *sorted({use.system for use in system.uses})),
    )


def _networks(site: Site, system: System, addressing: Addressing) -> tuple[NetworkPlan, ...]:
    networks = []
    for (owner, zone), (cidr, provisional) in addressing.subnets.items():
        if owner == system.id:
            networks.append(
                NetworkPlan(
                    zone=zone,
                    name=network_name(site.code, system.id, zone),
                    cidr=cidr,
                    gateway=cidr.network_address + 1,
                    provisional=provisional,
                )
            )
    return tuple(networks)


def _nodes(
    site: Site, system: System, group: NodeGroup, addressing: Addressing
) -> tuple[NodePlan, ...]:
    metadata = node_labels(site, system, group)
    return tuple(
        NodePlan(
            name=placed.name,
            role=group.role,
            number=placed.number,
            zone=group.zone,
            address=placed.address,
            provisional=placed.provisional,
            flavor=group.flavor,
            image=group.image,
            volumes=group.volumes,
            floating_ip=group.floating_ip,
            anti_affinity=group.anti_affinity,
            metadata=metadata,
        )
        for placed in addressing.nodes[system.id, group.role]
    )


def _endpoints(system: System, addressing: Addressing) -> tuple[EndpointPlan, ...]:
    return tuple(
        EndpointPlan(
            service=service.name,
            port=service.port,
            addresses=tuple(placed.address for placed in addressing.nodes[system.id, service.role]),
        )
        for service in system.offers
    )
