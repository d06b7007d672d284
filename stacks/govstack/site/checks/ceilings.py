"""Do the systems of each department stay below what it may use together?"""

from collections.abc import Iterator

from govstack.errors import Problem
from govstack.site.declared.site import AllowanceDeclared
from govstack.site.sources import Sources

MIB_PER_GIB = 1024


def check_ceilings(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each ceiling that the declared nodes of a department pass."""
    for name, tenant in sources.site.declared.tenants.items():
        need = need_of(sources, name)
        for key, ceiling in tenant.quota:
            if ceiling and need[key] > ceiling:
                yield sources.site.problem(
                    f"the systems of {name} need {need[key]} together, more than {ceiling}",
                    "raise the ceiling, or make its systems smaller",
                    *("tenants", name, "quota", key),
                )


def need_of(sources: Sources, tenant: str) -> dict[str, int]:
    """Return what all systems of a department need together, by the keys of its ceiling."""
    need = dict.fromkeys(AllowanceDeclared.model_fields, 0)
    flavors = sources.site.declared.catalog.flavors
    memory = 0
    for part in sources.systems:
        if part.declared.tenant != tenant:
            continue
        for group in part.declared.nodes.values():
            flavor = flavors[group.flavor]
            storage = sum(volume.size_gb for volume in group.volumes.values())
            need["cores"] += group.count * flavor.vcpus
            need["storage_gb"] += group.count * storage
            need["floating_ips"] += group.count * group.floating_ip
            memory += group.count * flavor.ram_mb
    need["ram_gb"] = -(-memory // MIB_PER_GIB)
    return need
