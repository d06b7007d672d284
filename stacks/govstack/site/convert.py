"""From what was declared and found valid to the frozen site."""

from collections.abc import Mapping
from pathlib import Path

from govstack.site.declared import (
    EnvironmentDeclared,
    FlowDeclared,
    GroupDeclared,
    SiteDeclared,
    SystemDeclared,
)
from govstack.site.fields import parse_port
from govstack.site.model import (
    Environment,
    Flavor,
    Flow,
    Image,
    NodeGroup,
    Service,
    Site,
    System,
    Tenant,
    Use,
    Volume,
    Zone,
)


def freeze_environment(name: str, declared: EnvironmentDeclared) -> Environment:
    """Return the environment of that name."""
    return Environment(name=name, **declared.model_dump(exclude={"site", "systems"}))


def freeze_zone(zone: str, site: SiteDeclared) -> Zone:
    """Return the zone of that id."""
    return Zone(id=zone, **dict(site.zones[zone]))


def freeze_flow(declared: FlowDeclared) -> Flow:
    """Return a flow."""
    return Flow(
        source=declared.source,
        destination=declared.destination,
        ports=tuple(parse_port(port) for port in declared.ports),
        purpose=declared.purpose,
        ticket=declared.ticket,
    )


def freeze_system(declared: SystemDeclared) -> System:
    """Return a system."""
    return System(
        id=declared.id,
        name=declared.name,
        layer=declared.layer,
        tenant=declared.tenant,
        domain=declared.domain,
        mlps=declared.mlps,
        owner=declared.owner,
        importance=declared.importance,
        data_class=declared.data_class,
        nodes=tuple(_group(role, group) for role, group in declared.nodes.items()),
        offers=tuple(
            Service(name=name, role=service.role, port=parse_port(service.port))
            for name, service in declared.offers.items()
        ),
        uses=tuple(parse_use(use) for use in declared.uses),
    )


def parse_use(text: str) -> Use:
    """Return the use that a checked text means."""
    system, _, service = text.partition(".")
    return Use(system, service)


def freeze_site(
    root: Path,
    environment: Environment,
    site: SiteDeclared,
    systems: tuple[System, ...],
    addresses: Mapping[str, str],
) -> Site:
    """Return the whole site."""
    catalog = site.catalog
    return Site(
        root=root,
        id=site.id,
        code=site.code,
        name=site.name,
        mlps=site.mlps,
        environment=environment,
        transit=site.transit,
        zones=tuple(freeze_zone(zone, site) for zone in site.zones),
        tenants=tuple(Tenant(id=id_, **dict(item)) for id_, item in site.tenants.items()),
        flavors=tuple(Flavor(id=id_, **dict(item)) for id_, item in catalog.flavors.items()),
        images=tuple(Image(id=id_, **dict(item)) for id_, item in catalog.images.items()),
        systems=systems,
        flows=tuple(freeze_flow(flow) for flow in site.flows),
        addresses=tuple(addresses.items()),
    )


def _group(role: str, declared: GroupDeclared) -> NodeGroup:
    return NodeGroup(
        role=role,
        zone=declared.zone,
        count=declared.count,
        flavor=declared.flavor,
        image=declared.image,
        volumes=tuple(Volume(name=name, **dict(item)) for name, item in declared.volumes.items()),
        floating_ip=declared.floating_ip,
        anti_affinity=declared.anti_affinity,
    )
