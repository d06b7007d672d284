"""The topology as Mermaid, as kept; `GOVSTACK_UPDATE_DATA=1 pytest` writes it anew."""

import dataclasses
import os
from pathlib import Path

import pytest

from govstack.plan.make import make_plan
from govstack.plan.views.graph import Topology
from govstack.plan.views.topology import topology_of
from govstack.reports.mermaid import topology_mermaid
from govstack.site.load import load_site

KEPT = Path(__file__).parent.parent / "data" / "topology.mmd"


@pytest.fixture
def topology(yunzhou: Path) -> Topology:
    site = load_site(yunzhou, "sandbox")
    plan = make_plan(site)
    return topology_of(site, plan, {stack.id for stack in plan.stacks})


def test_the_flowchart_is_as_kept(topology: Topology) -> None:
    text = topology_mermaid(topology)
    if os.environ.get("GOVSTACK_UPDATE_DATA"):
        KEPT.write_text(text, encoding="utf-8")
    assert text == KEPT.read_text(encoding="utf-8")


def test_signs_that_mean_something_are_written_otherwise(topology: Topology) -> None:
    first, *others = topology.systems
    odd = dataclasses.replace(first, name='#1 "<平台>"')
    text = topology_mermaid(dataclasses.replace(topology, systems=(odd, *others)))
    assert '["#35;1 #quot;#lt;平台#gt;#quot;<br/>' in text


def test_systems_of_a_cell_make_rows(topology: Topology) -> None:
    first = topology.systems[0]
    many = tuple(dataclasses.replace(first, id=f"inf-{letter}") for letter in "abcdef")
    alone = dataclasses.replace(topology, systems=many, outsiders=(), links=(), bundles=())
    rows = [line.strip() for line in topology_mermaid(alone).splitlines() if "~~~" in line]
    assert rows == ["g_inf_a ~~~ g_inf_e", "g_inf_b ~~~ g_inf_f"]
