"""The drawing of a topology, whatever the site: nothing overlaps, nothing is left out."""

import dataclasses
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from govstack.plan.make import make_plan
from govstack.plan.views import topology as views
from govstack.plan.views.graph import (
    NO_ZONE,
    OUTSIDE,
    Cell,
    Link,
    Opening,
    OutsiderView,
    SystemView,
    Topology,
    ZoneView,
)
from govstack.plan.views.topology import topology_of
from govstack.reports.layout import CARD_GAP, PAPER, Box
from govstack.reports.measure import as_many, shortened, width_of
from govstack.reports.palette import DARK, HUES, LIGHT, Shades
from govstack.reports.sheet import Sheet, sheet_of
from govstack.reports.strokes import LABEL_HEIGHT, label_width
from govstack.reports.svg import topology_svg
from govstack.site.kinds import Exposure, Layer, Mechanism
from govstack.site.load import load_site

SVG = "{http://www.w3.org/2000/svg}"
ZONES = ("INT", "PUB", "EXC", "DAT", "MGT")
EXPOSURES = (
    Exposure.INTERNET,
    Exposure.INTERNAL,
    Exposure.EXCHANGE,
    Exposure.INTERNAL,
    Exposure.OPERATIONS,
)
NAMES = st.text(alphabet="云州市政务<>&\"' aZ9", min_size=1, max_size=24)


def system(number: int, name: str, cell: Cell, nodes: int) -> SystemView:
    return SystemView(
        id=f"app-s{number}",
        name=name,
        tenant="大数据局",
        mlps=1 + number % 5,
        cell=cell,
        further_zones=("PRV",) if number % 4 == 1 else (),
        nodes=nodes,
        networks=("10.20.0.0/26",) * (number % 3),
        reaches=tuple(f"dat-{letter}" for letter in "abcde"[: number % 6]),
        reached_by=("app-x",) * (number % 2),
        openings=(Opening(outward=False, who="any", ports=("udp/53",), purpose="域名"),)
        * (number % 2),
    )


def link(source: str, target: str, ports: tuple[str, ...] = (), *, declared: bool = False) -> Link:
    return Link(
        source=source,
        target=target,
        ports=ports,
        services=(),
        mechanisms=(Mechanism.GAP,),
        purposes=(),
        declared=declared,
    )


def topology_with(
    systems: tuple[SystemView, ...],
    links: tuple[Link, ...],
    outsiders: tuple[OutsiderView, ...] = (),
) -> Topology:
    return Topology(
        site="site",
        name="某市",
        environment="sandbox",
        zones=tuple(
            ZoneView(
                id=zone,
                name=f"{zone}区",
                exposure=exposure,
                holds_data=zone == "DAT",
                supernet="10.20.0.0/16",
                mlps=3,
                systems=0,
                nodes=0,
            )
            for zone, exposure in zip(ZONES, EXPOSURES, strict=True)
        ),
        outsiders=outsiders,
        systems=systems,
        links=links,
        bundles=views._bundles(links, (*systems, *outsiders)),
    )


CROSSING = topology_with(
    systems=tuple(
        system(number, "政务", Cell(layer, zone), 1)
        for number, (layer, zone) in enumerate(
            (
                (Layer.INFRASTRUCTURE, "MGT"),
                (Layer.DATA_SERVICE, "MGT"),
                (Layer.INFRASTRUCTURE, "INT"),
                (Layer.DATA_SERVICE, "INT"),
            )
        )
    ),
    links=(link("app-s0", "app-s3"), link("app-s1", "app-s2")),
)
"""Two trunks, one up and one down, which run along one gutter between the same two zones."""


@st.composite
def topologies(draw: st.DrawFn) -> Topology:
    cells = st.builds(Cell, st.sampled_from(Layer), st.sampled_from((*ZONES, NO_ZONE)))
    places = draw(st.lists(st.tuples(NAMES, cells, st.integers(0, 3000)), max_size=14))
    systems = tuple(system(number, *place) for number, place in enumerate(places))
    outsiders: tuple[OutsiderView, ...] = ()
    pairs = set()
    if systems:
        ids = st.sampled_from([each.id for each in systems])
        pairs = draw(st.sets(st.tuples(ids, ids).filter(lambda pair: pair[0] != pair[1])))
        target = systems[-1]
        if draw(st.booleans()):
            cell = Cell(target.cell.layer, OUTSIDE)
            outsiders = (OutsiderView(id="internet", cell=cell, purposes=("公众访问" * 9,)),)
            pairs.add(("internet", target.id))
    links = tuple(
        link(
            source,
            target_id,
            ("tcp/443", "tcp/5432", "udp/6000-6010")[: draw(st.integers(0, 3))],
            declared=draw(st.booleans()),
        )
        for source, target_id in sorted(pairs)
    )
    return topology_with(systems, links, outsiders)


def placed(topology: Topology) -> Sheet:
    return sheet_of(topology, {bundle: label_width(bundle) for bundle in topology.bundles})


def apart(one: Box, other: Box, gap: float = 0.0) -> bool:
    across = one.right + gap <= other.x or other.right + gap <= one.x
    return across or one.bottom + gap <= other.y or other.bottom + gap <= one.y


@settings(max_examples=150, deadline=None)
@given(topologies())
@example(CROSSING)
def test_nothing_is_drawn_over_anything(topology: Topology) -> None:
    sheet = placed(topology)
    cards = [box for _, box in sheet.cards]
    assert {item.id for item, _ in sheet.cards} == {item.id for item in topology.items}
    assert all(apart(one, other, CARD_GAP - 0.01) for one, other in combinations(cards, 2))
    zones = {column.id: box for column, box in sheet.zones}
    rows = dict(sheet.rows)
    for item, card in sheet.cards:
        zone, row = zones[item.cell.zone], rows[item.cell.layer]
        assert zone.x < card.x < card.right < zone.right
        assert row.y < card.y < card.bottom < row.bottom
    for trunk in sheet.trunks:
        for (x, y), (to_x, to_y) in pairwise(trunk.points):
            assert x == to_x or y == to_y
            run = Box(min(x, to_x), min(y, to_y), abs(to_x - x), abs(to_y - y))
            assert all(apart(run, card) for card in cards)
    labels = [
        Box(trunk.label[0] - width / 2, trunk.label[1] - LABEL_HEIGHT / 2, width, LABEL_HEIGHT)
        for trunk in sheet.trunks
        if len(trunk.points) > 2
        for width in (label_width(trunk.bundle),)
    ]
    assert all(apart(one, other) for one, other in combinations(labels, 2))


def test_trunks_that_cross_do_not_run_over_each_other() -> None:
    one, other = (trunk.points for trunk in placed(CROSSING).trunks)
    for (x, y), (to_x, to_y) in pairwise(one):
        for (other_x, other_y), (other_to_x, other_to_y) in pairwise(other):
            assert not (x == to_x == other_x == other_to_x)
            assert not (y == to_y == other_y == other_to_y)


@settings(max_examples=60, deadline=None)
@given(topologies())
def test_every_drawing_is_whole_and_the_same_again(topology: Topology) -> None:
    text = topology_svg(topology)
    assert text == topology_svg(topology)
    root = ET.fromstring(text)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert width / height == pytest.approx(PAPER, rel=0.001)
    titles = [title.text or "" for title in root.iter(f"{SVG}title")]
    for each in topology.systems:
        assert any(f"{each.name} {each.id}" in title for title in titles)
    identifiers = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert len(set(identifiers)) == len(identifiers) == len(topology.items)
    for words in root.iter(f"{SVG}text"):
        if not {"end", "middle"} & set(words.attrib.get("class", "").split()):
            size = float(words.attrib["font-size"])
            end = float(words.attrib["x"]) + width_of(words.text or "", size)
            assert end < width
    assert not any("href" in name for element in root.iter() for name in element.attrib)


def test_the_drawing_of_a_city_shows_every_system_zone_and_layer(yunzhou: Path) -> None:
    site = load_site(yunzhou, "sandbox")
    plan = make_plan(site)
    topology = topology_of(site, plan, {stack.id for stack in plan.stacks})
    root = ET.fromstring(topology_svg(topology))
    words = {text.text for text in root.iter(f"{SVG}text")}
    assert {each.name for each in site.systems} <= words
    assert {each.name for each in site.zones} <= words
    assert {"应用支撑层", "数据服务层", "基础设施层", "互联网", "全网→ 6514"} <= words
    assert len(list(root.iter(f"{SVG}style"))) == 1
    links = [path for path in root.iter(f"{SVG}path") if "path" in path.attrib["class"].split()]
    assert len(links) == len(topology.links)


def test_links_leave_out_what_everybody_reaches(yunzhou: Path) -> None:
    site = load_site(yunzhou, "sandbox")
    plan = make_plan(site)
    topology = topology_of(site, plan, {stack.id for stack in plan.stacks})
    assert [(link.source, link.target, link.ports, link.declared) for link in topology.links] == [
        ("198.51.100.0/24", "inf-bas", ("tcp/22",), True),
        ("app-hal", "app-oa", ("tcp/443",), False),
        ("app-oa", "dat-rdb", ("tcp/5432",), False),
        ("internet", "app-hal", ("tcp/443",), True),
    ]
    openings = {each.id: each.openings for each in topology.systems if each.openings}
    assert {(name, each.outward, each.who) for name, all_ in openings.items() for each in all_} == {
        ("inf-bas", True, "any"),
        ("inf-log", False, "any"),
    }
    assert [zone.id for zone in topology.zones] == ["INT", "PUB", "DAT", "MGT"]


def test_only_what_is_selected_is_shown(yunzhou: Path) -> None:
    site = load_site(yunzhou, "sandbox")
    topology = topology_of(site, make_plan(site), {"app-oa", "dat-rdb"})
    assert [each.id for each in topology.systems] == ["dat-rdb", "app-oa"]
    assert [(link.source, link.target) for link in topology.links] == [("app-oa", "dat-rdb")]
    assert topology.outsiders == ()
    assert [zone.id for zone in topology.zones] == ["PUB", "DAT"]


def test_a_site_without_systems_is_drawn_too(yunzhou: Path) -> None:
    site = load_site(yunzhou, "sandbox")
    plan = make_plan(site)
    ET.fromstring(topology_svg(topology_of(site, plan, set())))
    none = dataclasses.replace(topology_of(site, plan, set()), zones=())
    ET.fromstring(topology_svg(none))


def test_text_is_cut_to_its_room() -> None:
    assert shortened("政务数据", 10, 40) == "政务数据"
    assert shortened("政务数据共享", 10, 40) == "政务数…"
    assert as_many(("a-1", "b-2", "c-3"), 10, 200) == "a-1 b-2 c-3"
    assert as_many(("a-1", "b-2", "c-3"), 10, 64) == "a-1 b-2 +1"
    assert as_many(("a-long-name", "b"), 10, 20) == "+2"
    assert width_of("云a", 10) == pytest.approx(15.8)


def luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("shades", [LIGHT, DARK])
def test_text_can_be_read_on_its_ground(shades: Shades) -> None:
    for ground in (shades.ground, shades.panel, shades.card):
        for ink in (shades.ink, shades.quiet, shades.alarm):
            assert contrast(ink, ground) >= 4.5
    assert contrast("#ffffff", shades.badge) >= 4.5
    assert all(contrast("#ffffff", hue.strong) >= 4.5 for hue in HUES.values())
