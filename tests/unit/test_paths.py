"""Which node can reach which: what rules and routes come to, node by node."""

from itertools import islice
from pathlib import Path

from govstack.plan.make import make_plan
from govstack.plan.paths import paths
from govstack.site.load import load_site

CHECKOUT = Path(__file__).parent.parent.parent
CITY = CHECKOUT / "inventories" / "yunzhou"
HARBOUR = CHECKOUT / "tests" / "data" / "sites" / "harbour"

OFFICE = "yz-pub-szfb-oa-app-001"
DATABASE = "yz-dat-dsjj-rdb-db-001"


def found(root: Path) -> dict[tuple[str, str, int], bool]:
    site = load_site(root, "sandbox")
    return {
        (path.source, path.target, path.port): path.is_open for path in paths(site, make_plan(site))
    }


def test_what_a_use_opens_is_open_and_nothing_else_there() -> None:
    tried = found(CITY)
    ports = {port for _, _, port in tried}
    assert {22, 443, 5432} <= ports
    between = {port for port in ports if tried[OFFICE, DATABASE, port]}
    assert between == {5432}
    assert not any(tried[DATABASE, OFFICE, port] for port in ports - {22})


def test_nothing_that_faces_the_internet_comes_to_data() -> None:
    tried = found(CITY)
    wrong = [
        path
        for path, is_open in tried.items()
        if is_open and path[0].startswith("yz-int-") and path[1].startswith("yz-dat-")
    ]
    assert wrong == []


def test_every_pair_is_tried_on_every_port() -> None:
    tried = found(CITY)
    nodes = {source for source, _, _ in tried}
    ports = {port for _, _, port in tried}
    assert len(nodes) == 21
    pairs = {(source, target) for source, target, _ in tried}
    assert len(pairs) == 21 * 20
    # But to what is open to the public, and to nobody of the site.
    missing = {(*pair, port) for pair in pairs for port in ports} - tried.keys()
    assert {(target, port) for _, target, port in missing} == {
        ("yz-int-dsjj-lbs-balancer-001", 443),
        ("yz-int-dsjj-lbs-balancer-002", 443),
    }


def test_every_opening_has_its_reason() -> None:
    site = load_site(CITY, "sandbox")
    assert all(bool(path.purpose) == path.is_open for path in paths(site, make_plan(site)))


def test_linked_nodes_go_out_by_the_port_that_leads_there() -> None:
    """The two far zones have the same addresses: each gate comes to its own one only."""
    tried = found(HARBOUR)
    opened = {(source, target) for (source, target, port), is_open in tried.items() if is_open}
    gates = {name.rpartition("-")[0]: name for name, _, _ in tried if "-gate-" in name}
    quay, crane = gates["hb-edge-port-gate-quay"], gates["hb-edge-port-gate-crane"]
    assert {target for source, target in opened if source == quay} == {
        crane,
        next(target for _, target in opened if "-berths-" in target),
    }
    assert not any("-berths-" in target for source, target, _ in tried if source == crane)


def test_of_many_nodes_the_first_of_each_role_speaks() -> None:
    site = load_site(CITY, "large")
    plan = make_plan(site)
    assert sum(len(system.nodes) for system in plan.systems) > 3000
    some = list(islice(paths(site, plan), 100_000))
    assert all(name.endswith("-001") for path in some for name in (path.source, path.target))
