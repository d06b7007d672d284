"""Which probes an environment's hosts are to pass: of configured hosts, with all their values."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from govstack.errors import UnknownSelection
from govstack.inventory.model import Inventory
from govstack.inventory.probes.load import RoleProbes, all_probes, full_names, roles_folder
from govstack.inventory.probes.trials import Trial, Wished, trials_of
from govstack.inventory.tables import role_table
from govstack.inventory.variables.model import HostRoles
from govstack.inventory.variables.table import host_roles
from govstack.inventory.variables.view import View
from govstack.operations.inventory import login_of
from govstack.operations.materials import Kept
from govstack.operations.session import Session
from govstack.operations.verify_report import Omitted
from govstack.state.hosts import Configured, read_configured
from govstack.values.suggestion import suggestion

TOKEN_BYTES: Final = 8
NEW: Final = "not configured yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What is to be tried.

    Attributes:
        trials: of probes, on configured hosts.
        unconfigured: hosts that were never configured.
        omitted: roles that are not proven on some hosts.
    """

    trials: tuple[Trial, ...] = ()
    unconfigured: tuple[str, ...] = ()
    omitted: tuple[Omitted, ...] = ()


@cache
def known_probes() -> Mapping[str, RoleProbes]:
    """Return the probes of all roles that come with govstack."""
    return all_probes(roles_folder())


def check_names(names: Iterable[str]) -> None:
    """See that there are probes of these names: a role's, or all of a role.

    Raises:
        UnknownSelection: there is none.
    """
    known = [*known_probes(), *full_names(known_probes())]
    for name in names:
        if name not in known:
            raise UnknownSelection(f"there is no probe {name!r}", hint=suggestion(name, known))


def wished_of(names: Iterable[str], *, disturbing: bool) -> Wished:
    """Return which probes are wished; a role stands for all of its own."""
    chosen = {
        full
        for name in names
        for full in full_names(known_probes())
        if name in {full, full.partition(".")[0]}
    }
    return Wished(frozenset(chosen), disturbing)


def proof_of(session: Session, inventory: Inventory, wished: Wished) -> Proof:
    """Return what is to be tried on an environment's hosts; its state is at hand.

    Raises:
        StateUnreadable: what is kept cannot be read.
        TrustFailed: a certificate of a configured host is missing or past its day.
    """
    configured = read_configured(session.places)
    names = [host.name for host in inventory.hosts]
    unconfigured = tuple(name for name in names if name not in configured)
    if len(unconfigured) == len(names):
        return Proof(unconfigured=unconfigured)
    material = Kept(session, [name for name in names if name in configured])
    view = View(session.site, session.plan, inventory, login_of(session), material)
    collection = role_table().collection
    made = list(host_roles(view, collection, frozenset(configured)))
    now = [_as_configured(host, configured[host.host]) for host in made]
    token = secrets.token_hex(TOKEN_BYTES)
    return Proof(
        trials=tuple(trials_of(view, now, known_probes(), token, wished)),
        unconfigured=unconfigured,
        omitted=tuple(_omitted(made, now)),
    )


def _as_configured(host: HostRoles, configured: Configured) -> HostRoles:
    """Return a host with those roles alone that it has been given."""
    return replace(host, roles=tuple(role for role in host.roles if role in configured.roles))


def _omitted(made: Iterable[HostRoles], now: Iterable[HostRoles]) -> Iterable[Omitted]:
    """Yield the roles that hosts do without, or have not been given yet."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for host, present in zip(made, now, strict=True):
        for role, why in host.left.items():
            found[role, why].append(host.host)
        for role in host.roles:
            if role not in present.roles:
                found[role.rsplit(".", 1)[-1], NEW].append(host.host)
    for (role, why), hosts in sorted(found.items()):
        yield Omitted(role=role, hosts=tuple(hosts), why=why)
