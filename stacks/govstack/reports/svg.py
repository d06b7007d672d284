"""The topology as a drawing: SVG that needs nothing else, for screens, slides and paper."""

from collections.abc import Iterator

from govstack.plan.views.graph import OUTSIDE, OutsiderView, SystemView, Topology
from govstack.reports.cards import outsider_card, system_card
from govstack.reports.elements import box, element, hint
from govstack.reports.frame import (
    column_hue,
    layer_band,
    legend,
    title,
    zone_ground,
    zone_head,
)
from govstack.reports.layout import MARGIN
from govstack.reports.palette import style_sheet
from govstack.reports.sheet import Sheet, sheet_of
from govstack.reports.strokes import label_width, link_curve, trunk_label, trunk_line
from govstack.site.kinds import Exposure


def topology_svg(topology: Topology) -> str:
    """Return the drawing as the text of a file."""
    labels = {bundle: label_width(bundle) for bundle in topology.bundles}
    return _Drawing(topology, sheet_of(topology, labels)).svg()


class _Drawing:
    """Draws from the back to the front: layers, zones, trunks, cards, what shows on hovering."""

    def __init__(self, topology: Topology, sheet: Sheet) -> None:
        self._topology = topology
        self._sheet = sheet
        self._marks = {item.id: f"n{number}" for number, (item, _) in enumerate(sheet.cards)}
        self._hues = {column.id: column_hue(column) for column, _ in sheet.zones}
        self._alarming = {OUTSIDE} | {
            zone.id for zone in topology.zones if zone.exposure is Exposure.INTERNET
        }

    def svg(self) -> str:
        sheet = self._sheet
        content = (
            *title(self._topology, sheet.content.width - MARGIN),
            *self._layers(),
            *(zone_ground(column, place) for column, place in sheet.zones),
            *(zone_head(column, place) for column, place in sheet.zones),
            *self._cells(),
            *self._trunks(),
            *self._cards(),
            element("g", *self._links(), class_="paths"),
            *self._legend(),
        )
        shift = f"translate({sheet.content.x:.1f} {sheet.content.y:.1f})"
        return (
            element(
                "svg",
                hint((f"{self._topology.name} · 部署拓扑",)),
                f"<style>{style_sheet()}{self._hovering()}</style>",
                box(0, 0, sheet.width, sheet.height, classes="ground"),
                element("g", *content, transform=shift),
                xmlns="http://www.w3.org/2000/svg",
                viewBox=f"0 0 {sheet.width:.1f} {sheet.height:.1f}",
                width=sheet.width,
                height=sheet.height,
                role="img",
            )
            + "\n"
        )

    def _layers(self) -> Iterator[str]:
        for layer, row in self._sheet.rows:
            systems = [each for each in self._topology.systems if each.cell.layer == layer]
            nodes = sum(system.nodes for system in systems)
            yield from layer_band(layer, row, len(systems), nodes)

    def _cells(self) -> Iterator[str]:
        """Yield the grounds of layers within zones, so that both are seen."""
        for _, row in self._sheet.rows:
            for _, zone in self._sheet.zones:
                yield box(zone.x + 5, row.y, zone.width - 10, row.height, round_=6, classes="cell")

    def _trunks(self) -> Iterator[str]:
        pairs = [
            (trunk, trunk.bundle.source.zone in self._alarming) for trunk in self._sheet.trunks
        ]
        for trunk, alarming in pairs:
            yield from trunk_line(trunk, alarming=alarming)
        for trunk, alarming in pairs:
            yield trunk_label(trunk, alarming=alarming)

    def _cards(self) -> Iterator[str]:
        for item, place in self._sheet.cards:
            match item:
                case SystemView():
                    hue = self._hues[item.cell.zone]
                    yield system_card(item, place, hue, self._marks[item.id])
                case OutsiderView():
                    links = [link for link in self._topology.links if link.source == item.id]
                    ports = tuple(dict.fromkeys(port for link in links for port in link.ports))
                    through = tuple(dict.fromkeys(way for link in links for way in link.mechanisms))
                    yield outsider_card(item, ports, through, place, self._marks[item.id])

    def _links(self) -> Iterator[str]:
        """Yield one line for each link, which shows while the pointer is on one of its ends."""
        places = {item.id: place for item, place in self._sheet.cards}
        for link in self._topology.links:
            ends = f"{self._marks[link.source]} {self._marks[link.target]}"
            classes = f"path {ends}{' declared' if link.declared else ''}"
            yield element(
                "path", d=link_curve(places[link.source], places[link.target]), class_=classes
            )

    def _hovering(self) -> str:
        return "".join(
            f"#{mark}:hover~.paths .{mark}{{visibility:visible}}" for mark in self._marks.values()
        )

    def _legend(self) -> Iterator[str]:
        levels = {system.mlps for system in self._topology.systems}
        exposures = {self._hues[zone.id] for zone in self._topology.zones}
        yield from legend(self._sheet.legend, tuple(sorted(levels)), exposures)
