"""The topology as a Mermaid flowchart, for wikis and merge requests that draw it themselves."""

from collections.abc import Iterable, Iterator
from typing import Final

from govstack.plan.views.graph import (
    NO_ZONE,
    OUTSIDE,
    Bundle,
    Cell,
    Item,
    OutsiderView,
    SystemView,
    Topology,
    ZoneView,
)
from govstack.reports.layout import TOP_DOWN
from govstack.reports.palette import HUES, LIGHT, NO_HUE, hue_of
from govstack.reports.words import (
    LAYERS,
    STORE,
    counted,
    level_text,
    mechanisms_text,
    numbers,
    outsider_name,
    zone_name,
)
from govstack.site.kinds import Exposure, Layer

PORTS_SHOWN: Final = 3
ABREAST: Final = 4
"""How many systems of a cell stand beside each other."""


def topology_mermaid(topology: Topology) -> str:
    """Return the flowchart as the text of a file; links are summed up between cells."""
    lines = (
        f"%% {topology.name} {topology.site} · {topology.environment}",
        "flowchart TB",
        *(line for layer in TOP_DOWN for line in _layer(topology, layer)),
        *(f"  {_link(bundle)}" for bundle in topology.bundles),
        *(f"  {above} ~~~ {below}" for above, below in _rows(topology)),
        *_colours(topology),
    )
    return "\n".join(lines) + "\n"


def _layer(topology: Topology, layer: Layer) -> Iterator[str]:
    items = [item for item in topology.items if item.cell.layer == layer]
    if not items:
        return
    yield f"  subgraph {_id(layer.value)}[{_text(' '.join(LAYERS[layer]))}]"
    zones = (OUTSIDE, *(zone.id for zone in topology.zones), NO_ZONE)
    names = {zone.id: f"{zone.id} {zone.name}" for zone in topology.zones}
    for zone in zones:
        members = [item for item in items if item.cell.zone == zone]
        if members:
            title = _text(names.get(zone, zone_name(zone)))
            yield f"    subgraph {_cell(Cell(layer, zone))}[{title}]"
            yield "      direction TB"
            yield from (f"      {_node(topology, item)}" for item in members)
            yield "    end"
    yield "  end"


def _rows(topology: Topology) -> Iterator[tuple[str, str]]:
    """Yield which items of a cell stand below which, so that they make rows."""
    cells: dict[Cell, list[str]] = {}
    for item in topology.items:
        cells.setdefault(item.cell, []).append(_mark(topology, item))
    for marks in cells.values():
        yield from zip(marks, marks[ABREAST:], strict=False)


def _node(topology: Topology, item: Item) -> str:
    match item:
        case SystemView():
            facts = (item.id, level_text(item.mlps), counted(item) if item.nodes else "")
            second = " · ".join(fact for fact in facts if fact)
            return f"{_mark(topology, item)}[{_text(item.name, second)}]"
        case OutsiderView():
            return f"{_mark(topology, item)}([{_text(outsider_name(item.id))}])"


def _mark(topology: Topology, item: Item) -> str:
    """Return the id of a node; the text of an outside network would be none."""
    if isinstance(item, OutsiderView):
        return f"outside_{topology.outsiders.index(item)}"
    return _id(item.id)


def _link(bundle: Bundle) -> str:
    ports = numbers(bundle.ports)
    more = f"+{len(ports) - PORTS_SHOWN}" if len(ports) > PORTS_SHOWN else ""
    shown = " ".join((*ports[:PORTS_SHOWN], more)).strip() or STORE
    parts = (f"{bundle.links} 条", shown, mechanisms_text(bundle.mechanisms))
    label = _text(" · ".join(part for part in parts if part))
    arrow = "-.->" if bundle.declared or not bundle.ports else "-->"
    return f"{_cell(bundle.source)} {arrow}|{label}| {_cell(bundle.target)}"


def _colours(topology: Topology) -> Iterator[str]:
    """Yield the colours of zones, and of the links that come from outside."""
    yield f"  classDef default fill:{LIGHT.card},stroke:{LIGHT.line},color:{LIGHT.ink}"
    yield f"  classDef layer fill:{LIGHT.panel},stroke:{LIGHT.line},color:{LIGHT.ink}"
    layers = dict.fromkeys(_id(item.cell.layer.value) for item in topology.items)
    if layers:
        yield f"  class {','.join(layers)} layer"
    hues = {zone.id: _hue(zone) for zone in topology.zones}
    cells: dict[str, list[str]] = {}
    for item in topology.items:
        members = cells.setdefault(hues.get(item.cell.zone, NO_HUE), [])
        if _cell(item.cell) not in members:
            members.append(_cell(item.cell))
    for name, hue in HUES.items():
        if name in cells:
            yield f"  classDef {name} fill:{hue.tint},stroke:{hue.strong},color:{LIGHT.ink}"
            yield f"  class {','.join(cells[name])} {name}"
    exposed = {OUTSIDE} | {z.id for z in topology.zones if z.exposure is Exposure.INTERNET}
    alarming = [
        str(number)
        for number, bundle in enumerate(topology.bundles)
        if bundle.source.zone in exposed
    ]
    if alarming:
        yield f"  linkStyle {','.join(alarming)} stroke:{LIGHT.alarm}"


def _hue(zone: ZoneView) -> str:
    return hue_of(zone.exposure, holds_data=zone.holds_data)


def _cell(cell: Cell) -> str:
    return f"{_id(cell.layer.value)}_{cell.zone or 'cloud'}"


def _id(name: str) -> str:
    # A name that contains a word of Mermaid, such as `end`, is safe behind a prefix.
    return f"g_{name.replace('-', '_')}"


def _text(*lines: str) -> str:
    """Return a label; quotes and number signs have a meaning of their own in it."""
    escaped = (_escaped(line) for line in lines)
    return f'"{"<br/>".join(escaped)}"'


def _escaped(line: str) -> str:
    signs: Iterable[tuple[str, str]] = (
        ("#", "#35;"),
        ('"', "#quot;"),
        ("<", "#lt;"),
        (">", "#gt;"),
    )
    for sign, entity in signs:
        line = line.replace(sign, entity)
    return line
