"""Tags and metadata: what every resource says of itself.

Canonical keys stand in metadata where a resource has it, as ``gov:key``; Neutron and Keystone
have tags only, where the same is written ``gov:key=value``.  No value holds a comma or slash.
"""

from govstack.site.model import Layer, NodeGroup, Site, System

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


def node_labels(site: Site, system: System, group: NodeGroup) -> Labels:
    """Return the metadata of a node; text in any language is allowed here."""
    return (
        *system_labels(site, system),
        ("gov:owner", system.owner),
        ("gov:zone", group.zone),
        ("gov:role", group.role),
    )


def as_tags(labels: Labels) -> tuple[str, ...]:
    """Return labels as tags, sorted, since clouds give them back in no order."""
    return tuple(sorted(f"{key}={value}" for key, value in labels))
