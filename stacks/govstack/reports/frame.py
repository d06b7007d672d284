"""What surrounds the cards of a drawing: title, heads of zones, bands of layers, legend."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from govstack.plan.views.topology import OUTSIDE, Topology
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
    hue, zone = column_hue(column), column.zone
    room = place.width - 2 * HEAD_PADDING
    left, right = place.x + HEAD_PADDING, place.right - HEAD_PADDING
    if zone is None:
        name = OUTSIDE_NAME if column.id == OUTSIDE else NO_ZONE_NAME
        note = "站点之外" if column.id == OUTSIDE else "无网络"
        head = (text(name, left, place.y + 24, 15, classes="bold"),)
        return element(
            "g",
            _head_ground(place),
            *head,
            text(note, left, place.y + 44, 11.5),
            class_=f"{hue} on",
        )
    faces = DATA_ZONE if hue == DATA_HUE else EXPOSURES[zone.exposure]
    size = fitting_size(zone.name, (15, 14, 13), room - width_of(zone.id, 13, monospace=True) - 10)
    return element(
        "g",
        hint(
            (
                f"{zone.id} {zone.name}",
                f"{faces} · 等保{level_text(zone.mlps)}",
                zone.supernet,
                f"{zone.systems} 系统 · {zone.nodes:,} 节点",
            )
        ),
        _head_ground(place),
        text(
            shortened(zone.name, size, room - width_of(zone.id, 13, monospace=True) - 10),
            left,
            place.y + 24,
            size,
            classes="bold",
        ),
        text(zone.id, right, place.y + 24, 13, classes="mono bold end"),
        text(f"{faces} · {zone.systems} 系统 · {zone.nodes:,} 节点", left, place.y + 44, 11.5)
        if room > WIDE_HEAD
        else text(f"{faces} · {zone.nodes:,} 节点", left, place.y + 44, 11.5),
        text(zone.supernet, right, place.y + 44, 11, classes="mono end"),
        class_=f"{hue} on",
    )


WIDE_HEAD: Final = 260.0


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
