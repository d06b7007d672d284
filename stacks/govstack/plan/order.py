"""The order of systems: each after those whose services it uses."""

from graphlib import TopologicalSorter

from govstack.site.kinds import Layer
from govstack.site.model import Site
from govstack.site.systems import System

RANK = {layer: rank for rank, layer in enumerate(Layer)}


def in_order(site: Site) -> tuple[System, ...]:
    """Return the systems, upstream first; among equals by layer, then by id."""
    systems = {system.id: system for system in site.systems}
    sorter = TopologicalSorter(
        {name: {use.system for use in system.uses} for name, system in systems.items()}
    )
    sorter.prepare()
    ordered: list[System] = []
    ready: list[str] = []
    while sorter.is_active():
        ready += sorter.get_ready()
        ready.sort(key=lambda name: (RANK[systems[name].layer], name))
        name = ready.pop(0)
        ordered.append(systems[name])
        sorter.done(name)
    return tuple(ordered)
