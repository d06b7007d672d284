"""Levels of protection and classes of data: who may carry what."""

from collections.abc import Iterator

from govstack.errors import Problem
from govstack.site.declared.system import SystemDeclared
from govstack.site.sources import Part, Sources


def check_levels(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each system whose level is above that of its zone or the platform."""
    site = sources.site.declared
    for name, zone in site.zones.items():
        if zone.mlps > site.mlps:
            yield sources.site.problem(
                f"level {zone.mlps} is above the platform's, {site.mlps}",
                "a zone cannot be of a higher level than the platform that carries it",
                "zones",
                name,
                "mlps",
            )
    for part in sources.systems:
        yield from _check_zones(sources, part)


def check_encryption(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each volume in clear whose data the site's policy wants encrypted."""
    site = sources.site.declared
    encrypted = {name for name, kind in site.catalog.volume_types.items() if kind.encrypted}
    for name in sorted(encrypted):
        kind = site.catalog.volume_types[name]
        if not (kind.cloud_name or kind.cloud_id):
            yield sources.site.problem(
                "an encrypted type cannot be made here: its keys are the cloud's business",
                "let the cloud's operator make it, and name it with cloud_name",
                *("catalog", "volume_types", name, "encrypted"),
            )
    known = ", ".join(sorted(encrypted)) or "the catalog has none"
    for part in sources.systems:
        system = part.declared
        if system.data_class not in site.policy.encrypt:
            continue
        for role, group in system.nodes.items():
            for name, volume in group.volumes.items():
                if volume.type not in encrypted:
                    yield part.problem(
                        f"holds {system.data_class} data in clear",
                        f"the site's policy wants an encrypted type: {known}",
                        *("nodes", role, "volumes", name, "type"),
                    )


def _check_zones(sources: Sources, part: Part[SystemDeclared]) -> Iterator[Problem]:
    site, system = sources.site.declared, part.declared
    # With nodes, its zones stand between: they are compared with the platform themselves.
    if not system.nodes and system.mlps > site.mlps:
        yield part.problem(
            f"level {system.mlps} is above the platform's, {site.mlps}",
            "such a system does not belong on this platform",
            "mlps",
        )
        return
    for group in system.nodes.values():
        for zone in (group.zone, *group.links):
            level = site.zones[zone].mlps
            if system.mlps > level:
                yield part.problem(
                    f"level {system.mlps} is above that of the zone {zone}, {level}",
                    "move the system to a zone of its level, or raise the zone",
                    "mlps",
                )
                return
