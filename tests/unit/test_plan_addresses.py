import dataclasses
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govstack.errors import CapacityExceeded
from govstack.plan.addresses import addressing_of, stale_rows
from govstack.plan.pools import Pools
from govstack.site.book import Place, parse_place
from govstack.site.load import load_site
from govstack.site.model import Site

SUPERNET = IPv4Network("10.20.0.0/22")


@pytest.fixture
def site(yunzhou: Path) -> Site:
    return load_site(yunzhou, "sandbox")


def without_book(site: Site) -> Site:
    return dataclasses.replace(site, addresses=())


def test_the_book_of_yunzhou_holds_every_address_and_nothing_else(site: Site) -> None:
    addressing = addressing_of(site)
    assert addressing.added == {}
    assert stale_rows(site, addressing) == ()


def test_what_the_book_lacks_is_provisional(site: Site) -> None:
    kept = tuple(row for row in site.addresses if row[1] != "yz-dat-dsjj-rdb-db-002")
    addressing = addressing_of(dataclasses.replace(site, addresses=kept))
    nodes = addressing.nodes["dat-rdb", "db"]
    assert [(node.name, str(node.address), node.provisional) for node in nodes] == [
        ("yz-dat-dsjj-rdb-db-001", "10.40.0.10", False),
        ("yz-dat-dsjj-rdb-db-002", "10.40.0.11", True),
    ]
    assert {str(place): holder for place, holder in addressing.added.items()} == {
        "core/10.40.0.11": "yz-dat-dsjj-rdb-db-002"
    }


def test_from_nothing_the_book_becomes_what_is_committed(site: Site) -> None:
    added = addressing_of(without_book(site)).added
    assert {str(place): holder for place, holder in added.items()} == dict(site.addresses)


def test_a_row_that_belongs_to_nothing_is_stale_and_stays_taken(site: Site) -> None:
    rows = (*site.addresses, ("core/10.20.0.64/26", "app-gone@PUB"))
    with_row = dataclasses.replace(site, addresses=rows)
    assert stale_rows(with_row, addressing_of(with_row)) == ("core/10.20.0.64/26: app-gone@PUB",)
    pools = Pools({parse_place(key): holder for key, holder in rows})
    network, provisional = pools.subnet("app-new@PUB", "core", SUPERNET, 1)
    assert (str(network), provisional) == ("10.20.0.128/26", True)


def test_a_full_zone_says_so() -> None:
    pools = Pools({})
    for number in range(16):
        pools.subnet(f"app-{number}@PUB", "core", SUPERNET, 1)
    with pytest.raises(CapacityExceeded, match=r"10\.20\.0\.0/22 has no free /26 left for app-x"):
        pools.subnet("app-x@PUB", "core", SUPERNET, 1)


def test_a_full_subnet_says_so() -> None:
    pools = Pools({parse_place("core/10.20.0.0/26"): "app-oa@PUB"})
    with pytest.raises(CapacityExceeded, match="has room for 53 nodes, not for 54") as caught:
        pools.subnet("app-oa@PUB", "core", SUPERNET, 54)
    assert "another system" in caught.value.hint


def test_too_many_nodes_for_any_subnet() -> None:
    with pytest.raises(CapacityExceeded, match="a subnet holds at most 4085"):
        Pools({}).subnet("app-oa@PUB", "core", IPv4Network("10.0.0.0/8"), 4086)


@given(
    counts=st.lists(st.integers(min_value=1, max_value=120), min_size=1, max_size=8),
    keep=st.lists(st.booleans(), min_size=8, max_size=8),
)
@settings(deadline=None)
def test_subnets_never_overlap_and_nodes_lie_in_their_own(
    counts: list[int], keep: list[bool]
) -> None:
    supernet = IPv4Network("10.20.0.0/16")
    first = Pools({})
    for number, count in enumerate(counts):
        first.subnet(f"s{number}", "core", supernet, count)
    kept = {
        place: holder
        for (place, holder), yes in zip(first.added.items(), keep, strict=False)
        if yes
    }
    pools = Pools(kept)
    networks = [
        pools.subnet(f"s{number}", "core", supernet, count)[0]
        for number, count in enumerate(counts)
    ]
    for place, holder in kept.items():
        assert networks[int(holder[1:])] == place.network
    for index, network in enumerate(networks):
        assert network.subnet_of(supernet)
        assert not any(network.overlaps(other) for other in networks[index + 1 :])
        addresses = {
            pools.address(f"{index}-{node}", "core", network)[0] for node in range(counts[index])
        }
        assert len(addresses) == counts[index]
        assert all(address in network for address in addresses)
        assert network.network_address + 1 not in addresses
        assert network.broadcast_address not in addresses


@given(st.data())
@settings(deadline=None)
def test_an_address_once_given_is_never_given_again(data: st.DataObject) -> None:
    network = IPv4Network("10.20.0.0/26")
    count = data.draw(st.integers(min_value=1, max_value=53))
    pools = Pools({})
    given_out = {f"n{i}": pools.address(f"n{i}", "core", network)[0] for i in range(count)}
    book: dict[Place, str] = dict(pools.added)
    order = data.draw(st.permutations(sorted(given_out)))
    again = Pools(book)
    assert {name: again.address(name, "core", network) for name in order} == {
        name: (address, False) for name, address in given_out.items()
    }
