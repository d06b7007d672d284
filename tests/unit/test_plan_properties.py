"""What holds of any plan: order means nothing, addresses stay, domains overlap."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from govstack.plan.make import make_plan
from govstack.plan.model import Plan
from govstack.site.load import load_site
from govstack.values.digest import digest

SITE = Path(__file__).parent.parent / "data" / "sites" / "everything"
ENVIRONMENT = "octavia"
FREE_TEXT = st.sampled_from(["PUB", "DAT", "INT"])


@contextmanager
def copied() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "everything"
        shutil.copytree(SITE, root)
        yield root


def plan_of(root: Path) -> Plan:
    return make_plan(load_site(root, ENVIRONMENT))


def shuffled(value: Any, random: Random) -> Any:
    """Return the document with its maps in another order, and the lists whose order is free."""
    if isinstance(value, dict):
        items = [(key, shuffled(item, random)) for key, item in value.items()]
        random.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        items = [shuffled(item, random) for item in value]
        random.shuffle(items)
        return items
    return value


def holders(plan: Plan) -> dict[str, str]:
    """Return every address of the plan by its holder."""
    found = {
        f"router {router.zone}": str(router.transit_address) for router in plan.platform.routers
    }
    for system in plan.systems:
        found |= {network.name: str(network.cidr) for network in system.networks}
        found |= {node.name: str(node.address) for node in system.nodes}
        found |= {
            f"{node.name}@{link.zone}": str(link.address)
            for node in system.nodes
            for link in node.links
        }
        found |= {balancer.name: str(balancer.address) for balancer in system.balancers}
    return found


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_in_which_things_are_written_changes_nothing(random: Random) -> None:
    yaml = YAML(typ="safe", pure=True)
    with copied() as root:
        before = digest(plan_of(root))
        for path in sorted((*root.glob("*.yaml"), *root.glob("[se]*/*.yaml"))):
            document = shuffled(yaml.load(path), random)
            with path.open("w", encoding="utf-8") as file:
                yaml.dump(document, file)
        assert digest(plan_of(root)) == before


@settings(max_examples=25, deadline=None)
@given(
    id_=st.from_regex(r"[a-z]{1,8}-[0-9]{1,3}", fullmatch=True),
    zone=FREE_TEXT,
    count=st.integers(1, 40),
)
def test_another_system_moves_no_address(id_: str, zone: str, count: int) -> None:
    with copied() as root:
        before = holders(plan_of(root))
        text = (root / "systems" / "front.yaml").read_text(encoding="utf-8")
        text = text.replace("id: front", f"id: {id_}").replace("renamed_from: portal\n", "")
        text = text.replace("zone: INT", f"zone: {zone}").replace("count: 2", f"count: {count}")
        (root / "systems" / f"{id_}.yaml").write_text(text, encoding="utf-8")
        after = holders(plan_of(root))
    assert {holder: after[holder] for holder in before} == before
    assert len(after) == len(before) + count + 2


def test_two_routing_domains_hold_the_same_addresses_for_different_nodes() -> None:
    plan = plan_of(SITE)
    zones = {(node.zone, str(node.address)): node.name for s in plan.systems for node in s.nodes}
    linked = {
        (link.zone, str(link.address)): node.name
        for system in plan.systems
        for node in system.nodes
        for link in node.links
    }
    assert zones["PUB", "10.20.0.10"] == "ev-pub-north-office-app-001"
    assert linked["PRV", "10.20.0.10"] == "ev-exc-north-gap-relay-001"
    rules = [rule.remote for system in plan.systems for g in system.groups for rule in g.rules]
    assert "10.20.0.64/26" in rules, "the private zone reaches the exchange"
    routes = {router.zone: router.routes for router in plan.platform.routers}
    assert routes["PRV"] == (), "and nothing is routed between the two domains"
