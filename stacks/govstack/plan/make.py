"""Make the plan of a site: pure, so the same site always gives the same plan."""

from govstack.plan.addresses import Addressing, addressing_of
from govstack.plan.flows import Openings, Routes, further_ways, openings_of, routes_of
from govstack.plan.labels import (
    as_tags,
    node_labels,
    platform_labels,
    system_labels,
    tenant_labels,
)
from govstack.plan.model import (
    GroupPlan,
    NetworkPlan,
    NodePlan,
    Plan,
    PlatformPlan,
    ProjectPlan,
    Quota,
    RouterPlan,
    SystemPlan,
    TenantPlan,
)
from govstack.plan.order import in_order
from govstack.plan.quota import quota_of
from govstack.plan.services import (
    balancers_of,
    containers_of,
    credentials_of,
    endpoints_of,
    roles_for,
    shares_of,
)
from govstack.site.kinds import OUTWARD, Layer
from govstack.site.model import PLATFORM, Site, Tenant
from govstack.site.naming import (
    group_name,
    network_name,
    project_name,
    router_name,
    tenant_name,
    user_name,
)
from govstack.site.profile import Keys, Naming, Tenancy
from govstack.site.reach import reaches_of
from govstack.site.systems import NodeGroup, System


def make_plan(site: Site) -> Plan:
    """Return what follows from the site.

    Raises:
        CapacityExceeded: a zone has no addresses left.
    """
    addressing = addressing_of(site)
    reaches = reaches_of(site)
    openings = openings_of(site, addressing, reaches)
    routes = routes_of(site, addressing, reaches)
    systems = tuple(
        _system(site, system, addressing, openings, routes) for system in in_order(site)
    )
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
    by_cloud = site.environment.profile.dns is Naming.DESIGNATE
    return PlatformPlan(
        id=PLATFORM,
        name="平台底座",
        layer=Layer.INFRASTRUCTURE,
        code=site.code,
        external_network=site.environment.external_network,
        transit=site.transit,
        routers=tuple(
            RouterPlan(
                zone=zone.id,
                name=router_name(site.code, zone.id),
                description=f"{zone.id} {zone.name}",
                tags=tags,
                external=zone.exposure in OUTWARD,
                transit_address=addressing.transit[zone.id],
                routes=routes[zone.id],
                adopted=zone.router,
            )
            for zone in site.zones
        ),
        flavors=site.flavors,
        images=site.images,
        volume_types=site.volume_types,
        projects=tuple(
            sorted((system.project for system in systems), key=lambda project: project.system)
        ),
        dns_zone=site.dns_domain if by_cloud else "",
        tags=tags,
        keeps_images=not site.environment.disposable,
    )


def _system(
    site: Site, system: System, addressing: Addressing, openings: Openings, routes: Routes
) -> SystemPlan:
    networks = _networks(site, system, addressing, routes)
    groups = tuple(
        GroupPlan(
            role=group.role,
            name=group_name(site.code, system.birth, group.role),
            rules=openings.rules.get((system.id, group.role), ()),
        )
        for group in system.nodes
    )
    nodes = tuple(
        node for group in system.nodes for node in _nodes(site, system, group, addressing)
    )
    balancers = balancers_of(site, system, addressing, openings)
    credentials = credentials_of(site, system)
    quota = quota_of(networks, groups, nodes, balancers, site.flavors)
    return SystemPlan(
        id=system.id,
        birth=system.birth,
        name=system.name,
        layer=system.layer,
        tenant=system.tenant,
        tenant_name=_tenant(site, system).name,
        mlps=system.mlps,
        project=_project(site, system, quota, roles_for(credentials)),
        networks=networks,
        groups=groups,
        nodes=nodes,
        endpoints=endpoints_of(site, system, addressing),
        balancers=balancers,
        containers=containers_of(site, system),
        shares=shares_of(site, system, addressing),
        credentials=credentials,
        keeps_credentials=site.environment.profile.key_manager is Keys.BARBICAN,
        tags=as_tags(system_labels(site, system)),
        protected=not site.environment.disposable,
        upstream=(PLATFORM, *sorted({use.system for use in system.uses})),
    )


def _project(site: Site, system: System, quota: Quota, roles: tuple[str, ...]) -> ProjectPlan:
    tenant = _tenant(site, system)
    return ProjectPlan(
        system=system.id,
        birth=system.birth,
        tenant=TenantPlan(
            id=tenant.id,
            name=tenant_name(site.code, tenant.id),
            description=tenant.name,
            is_parent=site.environment.profile.tenancy is Tenancy.PARENT,
            tags=as_tags(tenant_labels(site, tenant)),
        ),
        name=project_name(site.code, system.birth),
        user=user_name(site.code, system.birth),
        roles=roles,
        description=f"{system.name}, {tenant.name}",
        tags=as_tags(system_labels(site, system)),
        quota=quota,
        adopted=system.project,
    )


def _tenant(site: Site, system: System) -> Tenant:
    return next(tenant for tenant in site.tenants if tenant.id == system.tenant)


def _networks(
    site: Site, system: System, addressing: Addressing, routes: Routes
) -> tuple[NetworkPlan, ...]:
    adopted = dict(system.networks)
    networks = []
    for (owner, zone), (cidr, provisional) in addressing.subnets.items():
        if owner == system.id:
            networks.append(
                NetworkPlan(
                    zone=zone,
                    name=network_name(site.code, system.birth, zone),
                    cidr=cidr,
                    gateway=cidr.network_address + 1,
                    routes=further_ways(site, system, zone, routes),
                    provisional=provisional,
                    adopted=adopted.get(zone),
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
            links=placed.links,
            volumes=group.volumes,
            floating_ip=group.floating_ip,
            anti_affinity=group.anti_affinity,
            metadata=metadata,
            machine=group.machines[placed.number - 1] if group.machines else None,
        )
        for placed in addressing.nodes[system.id, group.role]
    )
