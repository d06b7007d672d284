"""Makes the inventory of an environment: the same plan and records always give the same."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from govstack.inventory.model import Group, Host, Inventory, Known, Login, Variables
from govstack.inventory.roles import roles_of, traits_of
from govstack.inventory.tables import OTHER, family_table, role_table
from govstack.plan.login import Way
from govstack.plan.model import NodePlan, Plan
from govstack.site.model import Site
from govstack.site.systems import NodeGroup, System

WITHOUT_WAY: Final = "without_way"
"""The group of hosts that no flow lets operators come to."""
MACHINES: Final = "machines"
"""The group of hosts that are no cloud servers."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What all hosts of one group of nodes have in common."""

    system: System
    family: str
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    variables: Variables


def make_inventory(
    site: Site, plan: Plan, known: Mapping[str, Known], login: Login, subject: str = ""
) -> Inventory:
    """Return the inventory.

    Args:
        site: the site, which knows what is declared.
        plan: its plan, which knows the hosts.
        known: what the records say, by system; what was never run has no resource ids.
        login: how one logs in.
        subject: the system or host that it is limited to; empty for all.
    """
    hosts = tuple(sorted(_hosts(site, plan, known, login, subject), key=lambda host: host.name))
    return Inventory(
        site=site.id,
        name=site.name,
        environment=site.environment.name,
        subject=subject,
        hosts=hosts,
        groups=_groups(hosts),
        variables=_shared(site, login),
    )


def _hosts(
    site: Site, plan: Plan, known: Mapping[str, Known], login: Login, subject: str
) -> Iterator[Host]:
    declared = {system.id: system for system in site.systems}
    chains: dict[str, tuple[str, ...]] = {}
    for system in plan.systems:
        nodes = [node for node in system.nodes if subject in {"", system.id, node.name}]
        kinds: dict[str, _Kind] = {}
        fact = known.get(system.id) or Known(system=system.id, standing="never-run")
        for node in nodes:
            if node.role not in kinds:
                kinds[node.role] = _kind(site, declared[system.id], node.role, fact, login)
            yield _host(node, kinds[node.role], fact, login, chains)


def _kind(site: Site, system: System, role: str, fact: Known, login: Login) -> _Kind:
    group = next(each for each in system.nodes if each.role == role)
    image = next(each for each in site.images if each.id == group.image)
    family = family_table().family_of(image.os_distro.lower())
    user = family_table().user_of(image.os_distro.lower())
    tenant = next(each for each in site.tenants if each.id == system.tenant)
    roles = roles_of(role_table(), traits_of(site, system, group))
    return _Kind(
        system=system,
        family=family,
        roles=roles,
        groups=tuple(sorted(_group_names(site, system, group, family))),
        variables={
            "govstack_data_class": system.data_class.value,
            "govstack_importance": system.importance.value,
            "govstack_layer": system.layer.value,
            "govstack_mlps": system.mlps,
            "govstack_node_role": role,
            "govstack_os_distro": image.os_distro,
            "govstack_os_family": family,
            "govstack_os_version": image.os_version,
            "govstack_owner": system.owner,
            "govstack_provenance": {
                "checkpoint": fact.checkpoint,
                "inputs": fact.inputs,
                "record": fact.system if fact.updated else "",
                "standing": fact.standing,
                "updated": fact.updated,
            },
            "govstack_roles": list(roles),
            "govstack_system": system.id,
            "govstack_system_name": system.name,
            "govstack_tenant": system.tenant,
            "govstack_tenant_name": tenant.name,
            **({"ansible_user": user} if user and not login.user else {}),
        },
    )


def _host(
    node: NodePlan, kind: _Kind, fact: Known, login: Login, chains: dict[str, tuple[str, ...]]
) -> Host:
    lost = bool(login.configuration) and node.name not in login.ways
    way = _chain(node.name, login.ways, chains)
    return Host(
        name=node.name,
        system=kind.system.id,
        system_name=kind.system.name,
        layer=kind.system.layer.value,
        zone=node.zone,
        address=str(node.address),
        way=way,
        is_reachable=not lost,
        family=kind.family,
        roles=kind.roles,
        groups=tuple(sorted((*kind.groups, *_own_groups(node, lost=lost)))),
        variables={
            **kind.variables,
            "ansible_host": node.name if login.configuration else str(node.address),
            **({"ansible_user": login.users[node.name]} if node.name in login.users else {}),
            "govstack_address": str(node.address),
            "govstack_floating_ip": fact.floating_ips.get(node.name, ""),
            **_machine(node),
            "govstack_links": [
                {"address": str(link.address), "zone": link.zone} for link in node.links
            ],
            "govstack_resource_id": fact.nodes.get(node.name, ""),
            "govstack_volumes": _volumes(node),
            "govstack_way": list(way),
            "govstack_zone": node.zone,
        },
    )


def _own_groups(node: NodePlan, *, lost: bool) -> Iterator[str]:
    """Yield the groups that a host is in and perhaps no other of its kind."""
    if node.machine is not None:
        yield MACHINES
        yield _identifier("vendor", node.machine.vendor)
    if lost:
        yield WITHOUT_WAY


def _machine(node: NodePlan) -> dict[str, object]:
    if node.machine is None:
        return {}
    found = node.machine
    return {
        "govstack_machine": {
            "id": found.id,
            "management": str(found.management or ""),
            "model": found.model,
            "place": found.place,
            "serial": found.serial,
            "vendor": found.vendor,
        }
    }


def _volumes(node: NodePlan) -> list[dict[str, object]]:
    return [
        {
            "backup": volume.backup,
            "mount": volume.mount,
            "name": volume.name,
            "size_gb": volume.size_gb,
            "type": volume.type,
        }
        for volume in node.volumes
    ]


def _chain(
    name: str, ways: Mapping[str, Way], chains: dict[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Return the hosts on the way to a host; `chains` keeps those that were asked for."""
    if name not in chains:
        via = ways[name].via if name in ways else ""
        chains[name] = (*_chain(via, ways, chains), via) if via else ()
    return chains[name]


def _group_names(site: Site, system: System, group: NodeGroup, family: str) -> Iterator[str]:
    yield _identifier("layer", system.layer.value)
    yield _identifier("system", system.id)
    yield _identifier("tenant", system.tenant)
    yield _identifier("zone", group.zone)
    yield _identifier("role", group.role)
    yield _identifier("os", family)
    yield _identifier("environment", site.environment.name)


def _identifier(kind: str, name: str) -> str:
    """Return the name of a group, as Ansible lets one be called."""
    return f"{kind}_{re.sub('[^a-z0-9]', '_', name.lower())}"


def _groups(hosts: tuple[Host, ...]) -> tuple[Group, ...]:
    members: dict[str, list[str]] = {}
    for host in hosts:
        for name in host.groups:
            members.setdefault(name, []).append(host.name)
    families = {_identifier("os", host.family): host.family for host in hosts}
    return tuple(
        Group(name=name, hosts=tuple(members[name]), variables=_of_family(families.get(name)))
        for name in sorted(members)
    )


def _of_family(family: str | None) -> Variables:
    """Return how Ansible works on hosts of a family of operating systems."""
    if family in {None, OTHER}:
        return {}
    return {"ansible_python_interpreter": family_table().families[str(family)].interpreter}


def _shared(site: Site, login: Login) -> Variables:
    variables: dict[str, object] = {
        "govstack_environment": site.environment.name,
        "govstack_site": site.id,
        "govstack_site_name": site.name,
    }
    if login.configuration:
        variables["ansible_ssh_common_args"] = f"-F {shlex.quote(login.configuration)}"
    if login.user:
        variables["ansible_user"] = login.user
    return dict(sorted(variables.items()))
