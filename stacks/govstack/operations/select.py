"""Which systems a verb acts on, given the names that the user wrote."""

from collections.abc import Iterable, Mapping

from govstack.errors import UnknownSelection
from govstack.values.suggestion import suggestion


def with_upstream(names: Iterable[str], upstream: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Return these systems and all that they need; all systems if none is named.

    Raises:
        UnknownSelection: a name is none of the systems'.
    """
    return _closure(names, upstream)


def with_dependants(names: Iterable[str], upstream: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Return these systems and all that need them; all systems if none is named.

    Raises:
        UnknownSelection: a name is none of the systems'.
    """
    downstream = {
        system: tuple(other for other, needs in upstream.items() if system in needs)
        for system in upstream
    }
    return _closure(names, downstream)


def _closure(names: Iterable[str], edges: Mapping[str, tuple[str, ...]]) -> set[str]:
    todo = list(names) or list(edges)
    for name in todo:
        if name not in edges:
            raise _unknown(name, edges)
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [other for other in edges[name] if other in edges]
    return found


def _unknown(name: str, known: Iterable[str]) -> UnknownSelection:
    hint = suggestion(name, sorted(known))
    return UnknownSelection(f"there is no system {name!r}", hint=hint)
