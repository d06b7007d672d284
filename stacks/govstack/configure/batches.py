"""In which order hosts are configured, and which plays that makes; pure."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from govstack.configure.model import Batch
from govstack.inventory.variables.model import HostRoles

Play = tuple[tuple[str, ...], tuple[str, ...]]
"""Roles, and the hosts that get them, both in order."""


def batches_of(
    hosts: Sequence[HostRoles], serial: Collection[str], serving: Collection[str]
) -> list[Batch]:
    """Return batches in the order in which they are run.

    Args:
        hosts: in the order of the plan: what serves others comes before them.
        serial: roles whose hosts are never changed at the same time, once their system serves.
        serving: systems that may serve already: where nothing runs nothing can be interrupted.
    """
    batches: list[Batch] = []
    for layer in dict.fromkeys(host.layer for host in hosts):
        mine = [host for host in hosts if host.layer == layer]
        stateful = {host.system for host in mine if not set(serial).isdisjoint(host.roles)}
        careful = stateful.intersection(serving)
        for system in dict.fromkeys(host.system for host in mine if host.system in careful):
            those = tuple(host for host in mine if host.system == system)
            batches.append(Batch(layer=layer, hosts=those, serial=True))
        others = tuple(host for host in mine if host.system not in careful)
        if others:
            batches.append(Batch(layer=layer, hosts=others))
    return batches


def plays_of(hosts: Sequence[HostRoles]) -> list[Play]:
    """Return plays that give each host its roles in their order, as few as can be.

    Roles of all hosts are put into one order first; neighbours with the same hosts are one play.
    """
    plays: list[Play] = []
    for role in merged([host.roles for host in hosts]):
        those = tuple(host.host for host in hosts if role in host.roles)
        if plays and plays[-1][1] == those:
            plays[-1] = ((*plays[-1][0], role), those)
        else:
            plays.append(((role,), those))
    return plays


def merged(orders: Iterable[Sequence[str]]) -> list[str]:
    """Return one order that all of these agree with; what stands first in one comes early."""
    before: dict[str, set[str]] = {}
    for order in orders:
        for place, role in enumerate(order):
            before.setdefault(role, set()).update(order[:place])
    return list(_sorted(before))


def _sorted(before: dict[str, set[str]]) -> Iterator[str]:
    waiting = dict(before)
    while waiting:
        ready = next((role for role, needs in waiting.items() if needs.isdisjoint(waiting)), None)
        if ready is None:
            message = f"roles are in different orders on different hosts: {sorted(waiting)}"
            raise ValueError(message)
        del waiting[ready]
        yield ready
