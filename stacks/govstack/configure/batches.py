"""In which order hosts are configured, and roles on them; pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from govstack.configure.model import Batch
from govstack.inventory.variables.model import HostRoles


def batches_of(
    hosts: Sequence[HostRoles], serial: Collection[str], serving: Collection[str]
) -> list[Batch]:
    """Return batches in the order in which they are run.

    Args:
        hosts: in the order of the plan: what serves others comes before them.
        serial: roles whose hosts are never changed at the same time.
        serving: systems that may serve already.  One that does not, and has a single host of such
            a role, goes with all others: nothing can be interrupted, and nobody waits for it.
    """
    batches: list[Batch] = []
    for layer in dict.fromkeys(host.layer for host in hosts):
        mine = [host for host in hosts if host.layer == layer]
        stateful = Counter(host.system for host in mine if not set(serial).isdisjoint(host.roles))
        careful = {each for each, hosts in stateful.items() if hosts > 1 or each in serving}
        for system in dict.fromkeys(host.system for host in mine if host.system in careful):
            those = tuple(host for host in mine if host.system == system)
            batches.append(Batch(layer=layer, hosts=those, serial=True))
        others = tuple(host for host in mine if host.system not in careful)
        if others:
            batches.append(Batch(layer=layer, hosts=others))
    return batches


def roles_of(hosts: Sequence[HostRoles]) -> list[tuple[str, list[str]]]:
    """Return all roles in one order, each with the hosts that have it."""
    return [
        (role, [host.host for host in hosts if role in host.roles])
        for role in merged([host.roles for host in hosts])
    ]


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
