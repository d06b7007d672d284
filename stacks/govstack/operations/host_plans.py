"""Makes ready what `configure` runs: hosts with roles and variables, digests, a way to them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from govstack.configure.collection import Roles
from govstack.errors import InventoryStale
from govstack.inventory.make import make_inventory
from govstack.inventory.model import Inventory
from govstack.inventory.tables import role_table
from govstack.inventory.variables.model import HostRoles
from govstack.inventory.variables.table import host_roles
from govstack.inventory.variables.view import View
from govstack.operations.certificates import renew_here
from govstack.operations.doubts import knowledge
from govstack.operations.inventory import login_of
from govstack.operations.materials import Kept
from govstack.operations.moves import by_present_id
from govstack.operations.session import Session
from govstack.operations.ssh import prepare
from govstack.operations.trusting import moment
from govstack.operations.wish import Wish
from govstack.state.hosts import forget_configured, read_configured
from govstack.state.records import read_records
from govstack.state.secrets import passphrase
from govstack.values.digest import keyed_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """All that is known before the first host is changed.

    Attributes:
        chosen: hosts with their roles, in the order of the plan.
        digests: of each of them, what it is configured with.
        wayless: hosts that no flow lets operators come to.
        unknown: hosts that do not show who they are, with the reason.
        configuration: of ssh.
    """

    inventory: Inventory
    chosen: tuple[HostRoles, ...]
    digests: Mapping[str, str]
    wayless: frozenset[str]
    unknown: Mapping[str, str]
    configuration: Path
    roles: Roles


def make_ready(session: Session, wish: Wish) -> Ready:
    """Make ready all that runs need; the environment is held."""
    plan, places = session.plan, session.places
    records = by_present_id(read_records(places), plan.stacks)
    known = knowledge(session, records, "")
    wished = [system for system in plan.systems if not wish.systems or system.id in wish.systems]
    names = {node.name for system in wished for node in system.nodes}
    names &= set(wish.hosts) or names
    doubts = [text for text in known.doubts if text.split()[0] in _systems(session, names)]
    if doubts:
        raise InventoryStale(tuple(doubts))
    login = login_of(session)
    inventory = make_inventory(session.site, plan, known.known, login)
    renew_here(session, moment())
    material = Kept(session)
    table = role_table()
    roles = Roles(table.collection)
    view = View(session.site, plan, inventory, login, material)
    made = tuple(host for host in host_roles(view, table.collection) if host.host in names)
    digests = _digests(session, inventory, made, roles)
    material.keep()
    for gone in read_configured(places).keys() - view.machines.keys():
        forget_configured(places, gone)
    path = {via for host in inventory.hosts if host.name in names for via in host.way}
    wayless = {host.name for host in inventory.hosts if not host.is_reachable}
    configuration, unknown = prepare(session, sorted((names | path) - wayless))
    return Ready(
        inventory=inventory,
        chosen=tuple(_narrowed(host, wish, table.collection) for host in made),
        digests=digests,
        wayless=frozenset(wayless),
        unknown={name: why for name, why in unknown.items() if name in names},
        configuration=configuration,
        roles=roles,
    )


def _systems(session: Session, hosts: Collection[str]) -> set[str]:
    return {
        system.id
        for system in session.plan.systems
        if any(node.name in hosts for node in system.nodes)
    }


def _narrowed(host: HostRoles, wish: Wish, collection: str) -> HostRoles:
    wished = {f"{collection}.{role}" for role in wish.roles}
    return replace(host, roles=tuple(r for r in host.roles if not wished or r in wished))


def _digests(
    session: Session, inventory: Inventory, hosts: Sequence[HostRoles], roles: Roles
) -> dict[str, str]:
    """Return of each host a keyed digest of all that it is configured with."""
    files = roles.digests({role for host in hosts for role in host.roles})
    shared = {name: value for name, value in files.items() if "/" in name or name == "plugins"}
    servers = {each.name: each.variables["govstack_resource_id"] for each in inventory.hosts}
    key = passphrase(session.places)
    return {
        host.host: keyed_digest(
            {
                "roles": {role: files[role] for role in host.roles},
                "order": host.roles,
                "shared": shared,
                "server": servers[host.host],
                "variables": host.variables,
            },
            key,
        )
        for host in hosts
    }
