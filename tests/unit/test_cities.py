"""The sites that people read first: the reference city in its three sizes, and the harbour."""

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from govstack.plan.make import make_plan
from govstack.plan.model import Plan
from govstack.site.kinds import Domain, Exposure, Layer, Opening, Share
from govstack.site.load import load_site
from govstack.site.model import Site
from govstack.site.sources import environments_of
from govstack.site.systems import DataSet, NodeGroup, System
from govstack.site.uscc import is_uscc

CHECKOUT = Path(__file__).parent.parent.parent
CITY = CHECKOUT / "inventories" / "yunzhou"
HARBOUR = CHECKOUT / "tests" / "data" / "sites" / "harbour"

ENVIRONMENTS = [
    *((CITY, environment) for environment in ("sandbox", "medium", "large", "production")),
    *((HARBOUR, environment) for environment in ("sandbox", "production")),
]

SIZES = ("sandbox", "medium", "large")

SYSTEMS = {
    "inf-bas": (1, 2, 6),
    "inf-log": (1, 3, 30),
    "inf-mon": (1, 3, 20),
    "inf-base": (1, 3, 12),
    "inf-bkp": (1, 2, 24),
    "inf-gap": (0, 4, 16),
    "dat-exc": (1, 8, 80),
    "dat-api": (1, 6, 60),
    "dat-rdb": (2, 12, 300),
    "dat-lak": (0, 8, 200),
    "dat-msg": (1, 6, 90),
    "dat-bas": (0, 8, 100),
    "dat-obj": (0, 2, 20),
    "sup-iam": (1, 4, 40),
    "sup-kms": (1, 2, 24),
    "sup-wfl": (0, 3, 40),
    "sup-gis": (0, 3, 80),
    "sup-ai": (0, 2, 60),
    "sup-pay": (0, 2, 16),
    "sup-sas": (0, 2, 80),
    "sup-lbs": (2, 4, 12),
    "app-oa": (1, 6, 120),
    "app-doc": (0, 4, 80),
    "app-per": (0, 2, 40),
    "app-mkt": (1, 7, 160),
    "app-env": (1, 7, 140),
    "app-saf": (0, 4, 100),
    "app-soc": (1, 4, 160),
    "app-trf": (0, 2, 80),
    "app-psb": (0, 3, 90),
    "app-hal": (2, 9, 200),
    "app-ssc": (0, 4, 160),
    "app-hea": (0, 3, 140),
    "app-odp": (0, 2, 32),
    "app-ioc": (1, 4, 100),
    "app-mac": (0, 2, 60),
    "app-fin": (0, 2, 40),
}
"""Nodes of each system in the small, the medium and the large city."""

LAYERS = {
    Layer.INFRASTRUCTURE: (5, 17, 108),
    Layer.DATA_SERVICE: (5, 50, 850),
    Layer.APPLICATION_SUPPORT: (11, 87, 2054),
}
ZONES = {
    "INT": (4, 19, 340),
    "PUB": (7, 65, 1624),
    "PRV": (0, 3, 90),
    "DAT": (5, 50, 850),
    "MGT": (5, 13, 92),
    "EXC": (0, 4, 16),
}
TENANTS = {
    "dsjj": (14, 86, 1246),
    "zwfw": (2, 11, 216),
    "szfb": (2, 14, 300),
    "scjg": (1, 7, 160),
    "sthj": (1, 7, 140),
    "rsj": (0, 6, 200),
    "zzzx": (1, 4, 160),
    "yjgl": (0, 4, 100),
    "wjw": (0, 3, 140),
    "zrzy": (0, 3, 80),
    "gaj": (0, 3, 90),
    "jtj": (0, 2, 80),
    "fgw": (0, 2, 60),
    "czj": (0, 2, 40),
}
DOMAINS = {
    Domain.OFFICE: (1, 12, 240),
    Domain.REGULATION: (3, 27, 730),
    Domain.SERVICE: (2, 18, 532),
    Domain.DECISION: (1, 8, 200),
}
LEVELS = {2: (0, 4, 112), 3: (21, 150, 2900)}
TOTALS = (21, 154, 3012)

Key = Callable[[System, NodeGroup], object]


@pytest.fixture(scope="module", params=SIZES)
def sized(request: pytest.FixtureRequest) -> tuple[int, Site]:
    """A city, and its place in the tables."""
    return SIZES.index(request.param), load_site(CITY, request.param)


@pytest.fixture(scope="module", params=ENVIRONMENTS, ids=lambda it: f"{it[0].name}-{it[1]}")
def planned(request: pytest.FixtureRequest) -> tuple[Site, Plan]:
    """A site in one of its environments, and its plan."""
    site = load_site(*request.param)
    return site, make_plan(site)


def sums(site: Site, key: Key) -> dict[object, int]:
    counts: Counter[object] = Counter()
    for system in site.systems:
        for group in system.nodes:
            counts[key(system, group)] += group.count
    return dict(counts)


def column(table: Mapping[object, tuple[int, ...]], size: int) -> dict[object, int]:
    return {key: row[size] for key, row in table.items() if row[size]}


def data_sets(site: Site) -> Iterator[tuple[System, DataSet]]:
    for system in site.systems:
        for data_set in system.data_sets:
            yield system, data_set


def test_every_environment_is_tried_here() -> None:
    known = [(root, name) for root in (CITY, HARBOUR) for name in environments_of(root)]
    assert sorted(known) == sorted(ENVIRONMENTS)


def test_every_site_is_planned_with_firm_addresses(planned: tuple[Site, Plan]) -> None:
    site, plan = planned
    assert plan.provisional == ()
    assert {item.id for item in plan.systems} == {item.id for item in site.systems}
    assert all(is_uscc(tenant.uscc) for tenant in site.tenants if tenant.uscc)


@pytest.mark.parametrize(
    ("table", "key"),
    [
        pytest.param(SYSTEMS, lambda system, _: system.id, id="systems"),
        pytest.param(LAYERS, lambda system, _: system.layer, id="layers"),
        pytest.param(ZONES, lambda _, group: group.zone, id="zones"),
        pytest.param(TENANTS, lambda system, _: system.tenant, id="tenants"),
        pytest.param(LEVELS, lambda system, _: system.mlps, id="levels"),
    ],
)
def test_a_city_has_as_many_nodes_as_its_table_says(
    table: Mapping[object, tuple[int, ...]], key: Key, sized: tuple[int, Site]
) -> None:
    size, site = sized
    assert sums(site, key) == column(table, size)
    assert sum(sums(site, key).values()) == TOTALS[size]


def test_applications_serve_four_domains(sized: tuple[int, Site]) -> None:
    size, site = sized
    found = sums(site, lambda system, _: system.domain)
    assert {key: count for key, count in found.items() if key in DOMAINS} == column(DOMAINS, size)


def test_the_document_has_the_same_table() -> None:
    text = (CHECKOUT / "docs" / "sites.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \|.*\| +(\d+) \| +(\d+) \| +(\d+) \|$", text, re.MULTILINE)
    assert {row[0]: tuple(int(count) for count in row[1:]) for row in rows} == SYSTEMS


def test_departments_are_those_that_own_systems(sized: tuple[int, Site]) -> None:
    size, site = sized
    assert {tenant.id for tenant in site.tenants} == set(column(TENANTS, size))
    assert all(tenant.contacts for tenant in site.tenants)


def test_production_is_the_small_city_on_machines_of_another_size() -> None:
    small, production = load_site(CITY, "sandbox"), load_site(CITY, "production")
    assert sums(production, lambda system, group: (system.id, group.role)) == sums(
        small, lambda system, group: (system.id, group.role)
    )
    assert production.addresses == small.addresses
    assert not production.environment.disposable
    memory = {site.environment.name: _memory_gb(make_plan(site)) for site in (small, production)}
    assert memory == {"sandbox": 10.5, "production": 360.0}


def test_the_list_of_flows_grows_with_the_city() -> None:
    small, medium, large = (load_site(CITY, size).flows for size in SIZES)
    # Lists are not merged, so the overlay repeats the list of the small city.
    assert [flow for flow in medium if flow in small] == list(small)
    assert large == medium


def test_who_consumes_data_has_an_account_where_they_are_handed_over(
    sized: tuple[int, Site],
) -> None:
    _, site = sized
    systems = {system.id: system for system in site.systems}
    without = [
        f"{consumer} consumes {data_set.id} of {provider.id} through {data_set.through}"
        for provider, data_set in data_sets(site)
        for consumer in data_set.consumers
        if data_set.through not in systems[consumer].uses
    ]
    assert without == []


def test_data_sets_of_every_kind_are_shown(sized: tuple[int, Site]) -> None:
    _, site = sized
    assert {data_set.share for _, data_set in data_sets(site)} == set(Share)
    assert {data_set.opening for _, data_set in data_sets(site)} == set(Opening)
    opened = [item for _, item in data_sets(site) if item.opening is Opening.UNCONDITIONAL]
    assert {str(item.through) for item in opened} == {"dat-api.https"}


def test_who_has_backups_uses_the_backup_service(sized: tuple[int, Site]) -> None:
    _, site = sized
    copied = {
        system.id
        for system in site.systems
        for group in system.nodes
        for volume in group.volumes
        if volume.backup
    }
    users = {
        system.id for system in site.systems if "inf-bkp.borg" in {str(use) for use in system.uses}
    }
    assert users == copied


def test_nothing_is_routed_from_the_internet_zone_to_the_data_zone(
    planned: tuple[Site, Plan],
) -> None:
    site, plan = planned
    data = {zone.supernet for zone in site.zones if zone.holds_data}
    internet = {zone.id for zone in site.zones if zone.exposure is Exposure.INTERNET}
    routed = {
        route.destination
        for router in plan.platform.routers
        if router.zone in internet
        for route in router.routes
    }
    assert not routed & data


def test_the_private_network_is_left_through_the_exchange_zone_alone() -> None:
    site = load_site(CITY, "medium")
    plan = make_plan(site)
    router = next(router for router in plan.platform.routers if router.zone == "PRV")
    assert router.routes == ()
    police = next(system for system in plan.systems if system.id == "app-psb")
    inside = next(zone.supernet for zone in site.zones if zone.id == "PRV")
    assert all(
        IPv4Network(rule.remote).subnet_of(inside)
        for group in police.groups
        for rule in group.rules
    )
    ferry = next(system for system in plan.systems if system.id == "inf-gap")
    assert [[link.zone for link in node.links] for node in ferry.nodes] == [["PRV"]] * 4


def test_the_public_comes_by_the_balancers() -> None:
    plan = make_plan(load_site(CITY, "sandbox"))
    outward = {
        system.id: len([node for node in system.nodes if node.floating_ip])
        for system in plan.systems
        if any(node.floating_ip for node in system.nodes)
    }
    assert outward == {"inf-bas": 1, "sup-lbs": 2}
    open_to_all = {
        (system.id, str(rule.port))
        for system in plan.systems
        for group in system.groups
        for rule in group.rules
        if rule.remote == "0.0.0.0/0"
    }
    assert open_to_all == {("sup-lbs", "tcp/443")}


def test_the_harbour_has_the_same_addresses_twice() -> None:
    plan = make_plan(load_site(HARBOUR, "sandbox"))
    subnets = {
        network.zone: network.cidr
        for system in plan.systems
        if system.id in {"berths", "cranes"}
        for network in system.networks
    }
    assert subnets == {
        "QUAY": IPv4Network("192.168.0.0/26"),
        "CRANE": IPv4Network("192.168.0.0/26"),
    }
    assert [router.routes for router in plan.platform.routers] == [()] * 4
    assert {system.layer for system in plan.systems} == {
        Layer.INFRASTRUCTURE,
        Layer.APPLICATION_SUPPORT,
    }


def test_linked_nodes_know_what_only_their_further_port_leads_to() -> None:
    """Its default route is that of the zone it is at home in, which has other addresses."""
    harbour = load_site(HARBOUR, "sandbox")
    supernets = {zone.id: zone.supernet for zone in harbour.zones}
    gate = next(system for system in make_plan(harbour).systems if system.id == "gate")
    assert {network.zone: network.routes for network in gate.networks} == {
        "OPS": (),
        "EDGE": (),
        "QUAY": (supernets["QUAY"],),
        "CRANE": (supernets["CRANE"],),
    }
    city = make_plan(load_site(CITY, "sandbox"))
    assert {network.routes for system in city.systems for network in system.networks} == {()}


@pytest.mark.parametrize(("root", "environment"), [(CITY, "sandbox"), (HARBOUR, "sandbox")])
def test_the_address_book_has_what_is_needed_and_no_more(
    root: Path, environment: str, tmp_path: Path
) -> None:
    copy = tmp_path / root.name
    shutil.copytree(root, copy)
    (copy / "addresses.yaml").unlink()
    afresh = make_plan(load_site(copy, environment))
    kept = dict(load_site(root, environment).addresses)
    assert sorted(afresh.provisional) == sorted(kept.values())


def _memory_gb(plan: Plan) -> float:
    return sum(system.project.quota.ram_mb for system in plan.systems) / 1024
