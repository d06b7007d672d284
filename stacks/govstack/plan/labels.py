"""Tags and metadata: what every resource says of itself.

Canonical keys stand in metadata where a resource has it, as ``gov:key``; Neutron and Keystone
have tags only, where the same is written ``gov:key=value``.  No value holds a comma or slash.
"""

from govstack.site.kinds import Layer
from govstack.site.model import Site, Tenant
from govstack.site.systems import NodeGroup, System, Volume

MANAGED_BY = ("gov:managed-by", "govstack")

Labels = tuple[tuple[str, str], ...]


def platform_labels(site: Site, platform: str) -> Labels:
    """Return the labels of what belongs to the platform."""
    return (
        MANAGED_BY,
        ("gov:site", site.id),
        ("gov:env", site.environment.name),
        ("gov:system", platform),
        ("gov:layer", Layer.INFRASTRUCTURE.value),
    )


def system_labels(site: Site, system: System) -> Labels:
    """Return the labels of all resources of a system."""
    return (
        MANAGED_BY,
        ("gov:site", site.id),
        ("gov:env", site.environment.name),
        ("gov:system", system.id),
        ("gov:layer", system.layer.value),
        ("gov:tenant", system.tenant),
        ("gov:domain", system.domain.value),
        ("gov:mlps", str(system.mlps)),
        ("gov:data-class", system.data_class.value),
        ("gov:importance", system.importance.value),
    )


def tenant_labels(site: Site, tenant: Tenant) -> Labels:
    """Return the labels of what belongs to a department as a whole."""
    return (
        MANAGED_BY,
        ("gov:site", site.id),
        ("gov:env", site.environment.name),
        ("gov:tenant", tenant.id),
    )


def node_labels(site: Site, system: System, group: NodeGroup) -> Labels:
    """Return the metadata of a node; text in any language is allowed here."""
    uscc = next(tenant.uscc for tenant in site.tenants if tenant.id == system.tenant)
    optional = (
        ("gov:uscc", uscc),
        ("gov:location", site.location),
        ("gov:filing-number", system.filing_number),
        ("gov:request-id", system.request),
        ("gov:expire-at", system.expires.isoformat() if system.expires else ""),
    )
    return (
        *system_labels(site, system),
        ("gov:owner", system.owner),
        ("gov:zone", group.zone),
        ("gov:role", group.role),
        *((key, value) for key, value in optional if value),
    )


def volume_labels(node: Labels, volume: Volume) -> Labels:
    """Return the metadata of a node's volume."""
    backup = (("gov:backup-policy", volume.backup),) if volume.backup else ()
    return (*node, ("mount_path", volume.mount), *backup)


def as_tags(labels: Labels) -> tuple[str, ...]:
    """Return labels as tags, sorted, since clouds give them back in no order."""
    return tuple(sorted(f"{key}={value}" for key, value in labels))
