"""What systems and departments need of the cloud, beside what departments may have."""

import dataclasses
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from govstack.plan.model import Plan, SystemPlan
from govstack.site.kinds import Layer
from govstack.site.model import Allowance, Site, Tenant

MIB_PER_GIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What is needed of each kind; storage is that of volumes."""

    instances: int = 0
    cores: int = 0
    ram_mb: int = 0
    volumes: int = 0
    gigabytes: int = 0
    floating_ips: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemNeed:
    """What one system needs."""

    id: str
    name: str
    layer: Layer
    tenant: str
    need: Need


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantNeed:
    """What all systems of a department need together.

    `above` names the kinds of its ceiling that the need is above; a ceiling of 0 is none.
    """

    id: str
    name: str
    systems: int
    need: Need
    ceiling: Allowance
    above: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Need by system and by department, and in all; a department's is always that of all its own.

    Named departments come in the order of their need of cores.
    """

    site: str
    name: str
    environment: str
    systems: tuple[SystemNeed, ...]
    tenants: tuple[TenantNeed, ...]
    total: Need


def needs_of(site: Site, plan: Plan, systems: Collection[str]) -> Needs:
    """Return what these systems need, and the departments that own them."""
    needs = {system.id: need_of(site, system) for system in plan.systems}
    shown = [system for system in plan.systems if system.id in systems]
    owners = {system.tenant for system in shown}
    tenants = [_tenant(each, plan, needs) for each in site.tenants if each.id in owners]
    return Needs(
        site=plan.site,
        name=plan.name,
        environment=plan.environment.name,
        systems=tuple(
            SystemNeed(
                id=system.id,
                name=system.name,
                layer=system.layer,
                tenant=system.tenant_name,
                need=needs[system.id],
            )
            for system in shown
        ),
        tenants=tuple(sorted(tenants, key=lambda each: (-each.need.cores, each.id))),
        total=_sum(needs[system.id] for system in shown),
    )


def need_of(site: Site, system: SystemPlan) -> Need:
    """Return what one system needs, without the room that its quota leaves for the cloud."""
    flavors = {flavor.id: flavor for flavor in site.flavors}
    servers = [node for node in system.nodes if node.machine is None]
    shapes = [flavors[node.flavor] for node in servers]
    volumes = [volume for node in system.nodes for volume in node.volumes]
    return Need(
        instances=len(servers),
        cores=sum(shape.vcpus for shape in shapes),
        ram_mb=sum(shape.ram_mb for shape in shapes),
        volumes=len(volumes),
        gigabytes=sum(volume.size_gb for volume in volumes),
        floating_ips=sum(node.floating_ip for node in system.nodes)
        + sum(balancer.floating_ip for balancer in system.balancers),
    )


def _tenant(tenant: Tenant, plan: Plan, needs: dict[str, Need]) -> TenantNeed:
    own = [system.id for system in plan.systems if system.tenant == tenant.id]
    need = _sum(needs[system] for system in own)
    return TenantNeed(
        id=tenant.id,
        name=tenant.name,
        systems=len(own),
        need=need,
        ceiling=tenant.quota,
        above=_above(need, tenant.quota),
    )


def _above(need: Need, ceiling: Allowance) -> tuple[str, ...]:
    pairs = {
        "cores": (need.cores, ceiling.cores),
        "ram_gb": (need.ram_mb, ceiling.ram_gb * MIB_PER_GIB),
        "storage_gb": (need.gigabytes, ceiling.storage_gb),
        "floating_ips": (need.floating_ips, ceiling.floating_ips),
    }
    return tuple(kind for kind, (wanted, most) in pairs.items() if most and wanted > most)


def _sum(needs: Iterable[Need]) -> Need:
    rows = [dataclasses.astuple(need) for need in needs]
    names = [item.name for item in dataclasses.fields(Need)]
    return (
        Need(**dict(zip(names, map(sum, zip(*rows, strict=True)), strict=True))) if rows else Need()
    )
