"""What surrounds the cards of a drawing: title, heads of zones, bands of layers, legend."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from govstack.plan.views.graph import NO_ZONE, OUTSIDE, Topology, ZoneView
from govstack.reports.elements import box, element, hint, text
from govstack.reports.layout import (
    LAYER_WIDTH,
    MARGIN,
    ZONE_HEAD,
    Box,
    Column,
)
from govstack.reports.measure import fitting_size, shortened, width_of
from govstack.reports.palette import DATA_HUE, HUES, NO_HUE, hue_of
from govstack.reports.words import (
    DATA_ZONE,
    EXPOSURES,
    LAYERS,
    NO_ZONE_NAME,
    OUTSIDE_NAME,
    level_text,
)
from govstack.site.kinds import Exposure, Layer

ROUND: Final = 8.0
HEAD_PADDING: Final = 14.0
HEAD_LINES: Final = (24.0, 44.0)
HEAD_STYLES: Final = ((15.0, "bold"), (11.5, ""))
WIDE_HEAD: Final = 260.0
FOREIGN: Final = {OUTSIDE: (OUTSIDE_NAME, "站点之外"), NO_ZONE: (NO_ZONE_NAME, "无网络")}

LINES: Final = (
    ("", "访问（系统间连接数 · 端口）"),
    ("declared", "单独申报的访问"),
    ("alarm", "来自外部或互联网区"),
    ("store", "经对象存储，网络不通"),
)
SIGNS: Final = (
    ("→", "访问的系统"),
    ("← 9", "被 9 个系统访问"),
    ("全网→", "各区均可访问"),
    ("→全网", "可访问各区"),
)


def column_hue(column: Column) -> str:
    """Return the name of a column's colours."""
    zone = column.zone
    return hue_of(zone.exposure, holds_data=zone.holds_data) if zone else NO_HUE


def title(topology: Topology, right: float) -> Iterator[str]:
    """Yield the name of the site, and its size in large numbers at the right."""
    yield text(f"{topology.name} · 部署拓扑", MARGIN, MARGIN + 27, 27, classes="bold")
    place = f"{topology.site} · {topology.environment}"
    yield text(place, MARGIN, MARGIN + 50, 13, classes="quiet mono")
    sizes = (
        (sum(system.nodes for system in topology.systems), "云服务器"),
        (len(topology.systems), "业务系统"),
        (len({system.tenant for system in topology.systems}), "委办局"),
        (len(topology.zones), "网络区域"),
    )
    for place_from_right, (count, name) in enumerate(sizes):
        x = right - place_from_right * 108
        yield text(f"{count:,}", x, MARGIN + 27, 27, classes="bold end")
        yield text(name, x, MARGIN + 49, 12.5, classes="quiet end")


def layer_band(layer: Layer, row: Box, systems: int, nodes: int) -> Iterator[str]:
    """Yield the panel of a layer, with its name at the left."""
    chinese, english = LAYERS[layer]
    middle = MARGIN + (LAYER_WIDTH - 12) / 2
    yield box(row.x, row.y, row.width, row.height, round_=ROUND, classes="panel")
    y = row.y + row.height / 2 - 18
    yield text(chinese, middle, y, 15, classes="bold middle")
    first, _, second = english.partition(" ")
    for line, word in enumerate((first, second)):
        yield text(word, middle, y + 17 + line * 13, 10.5, classes="quiet middle")
    y += 38 if second else 25
    yield text(f"{systems} 系统", middle, y + 10, 11, classes="quiet middle")
    yield text(f"{nodes:,} 节点", middle, y + 25, 11, classes="quiet middle")


def zone_ground(column: Column, place: Box) -> str:
    """Return the tinted ground of a zone, from its head to the last row."""
    hue = column_hue(column)
    edge = "dashed" if column.zone is None else ""
    return box(
        place.x,
        place.y,
        place.width,
        place.height,
        round_=ROUND,
        classes=f"tint {hue} {edge}".strip(),
    )


def zone_head(column: Column, place: Box) -> str:
    """Return the head of a zone: id, name, what it faces, network, size."""
    return element(
        "g",
        *(_foreign_head(column, place) if column.zone is None else _zone_head(column.zone, place)),
        class_=f"{column_hue(column)} on",
    )


def _foreign_head(column: Column, place: Box) -> Iterator[str]:
    """Yield the head of what is no zone of the site."""
    names = FOREIGN[column.id]
    yield _head_ground(place)
    for line, name in enumerate(names):
        size, classes = HEAD_STYLES[line]
        yield text(name, place.x + HEAD_PADDING, place.y + HEAD_LINES[line], size, classes=classes)


def _zone_head(zone: ZoneView, place: Box) -> Iterator[str]:
    hue = hue_of(zone.exposure, holds_data=zone.holds_data)
    faces = DATA_ZONE if hue == DATA_HUE else EXPOSURES[zone.exposure]
    systems, nodes = f"{zone.systems} 系统", f"{zone.nodes:,} 节点"
    left, right = place.x + HEAD_PADDING, place.right - HEAD_PADDING
    first, second = (place.y + line for line in HEAD_LINES)
    room = right - left - width_of(zone.id, 13, monospace=True) - 10
    size = fitting_size(zone.name, (15, 14, 13), room)
    facts = (faces, systems, nodes) if right - left > WIDE_HEAD else (faces, nodes)
    level = f"等保{level_text(zone.mlps)}"
    yield hint((f"{zone.id} {zone.name}", f"{faces} · {level}", zone.supernet, systems, nodes))
    yield _head_ground(place)
    yield text(shortened(zone.name, size, room), left, first, size, classes="bold")
    yield text(zone.id, right, first, 13, classes="mono bold end")
    yield text(" · ".join(facts), left, second, 11.5)
    yield text(zone.supernet, right, second, 11, classes="mono end")


def _head_ground(place: Box) -> str:
    """Return the coloured ground of a head: round above, straight below."""
    x, y, right, bottom = place.x, place.y, place.right, place.y + ZONE_HEAD
    shape = (
        f"M{x:.1f} {bottom:.1f}V{y + ROUND:.1f}a{ROUND:g} {ROUND:g} 0 0 1 {ROUND:g} -{ROUND:g}"
        f"H{right - ROUND:.1f}a{ROUND:g} {ROUND:g} 0 0 1 {ROUND:g} {ROUND:g}V{bottom:.1f}Z"
    )
    return element("path", d=shape, class_="strong")


def legend(y: float, levels: tuple[int, ...], exposures: AbstractSet[str]) -> Iterator[str]:
    """Yield what colours, badges and lines mean."""
    x = MARGIN
    names = {**{exposure.value: EXPOSURES[exposure] for exposure in Exposure}, DATA_HUE: DATA_ZONE}
    for hue in HUES:
        if hue in exposures:
            yield box(x, y, 16, 14, round_=3, classes=f"tint {hue}")
            yield text(names[hue], x + 22, y + 11.5, 11.5, classes="quiet")
            x += 34 + width_of(names[hue], 11.5)
    for level in levels:
        yield box(x, y - 2, 34, 18, round_=9, classes=f"level{level}")
        yield text(level_text(level), x + 17, y + 11, 11, classes=f"middle bold on{level}")
        yield text("等保级别", x + 40, y + 11.5, 11.5, classes="quiet")
        x += 52 + width_of("等保级别", 11.5)
    x, y = MARGIN, y + 32
    for classes, meaning in LINES:
        yield element("path", d=f"M{x:.1f} {y:.1f}h34", class_=f"trunk {classes}", stroke_width=2.4)
        yield text(meaning, x + 42, y + 4, 11.5, classes="quiet")
        x += 58 + width_of(meaning, 11.5)
    for sign, meaning in SIGNS:
        yield text(sign, x, y + 4, 11, classes="mono")
        width = width_of(sign, 11, monospace=True)
        yield text(meaning, x + width + 6, y + 4, 11.5, classes="quiet")
        x += width + 22 + width_of(meaning, 11.5)
