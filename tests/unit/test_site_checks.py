"""Every rule of a site, broken once, with all that the user is told."""

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from govstack.errors import SiteInvalid
from govstack.site.load import load_site

DATA = Path(__file__).parent.parent / "data"
TODAY = date(2026, 6, 1)
CASES: Mapping[str, Any] = YAML(typ="safe", pure=True).load(DATA / "mistakes_city.yaml")


@pytest.fixture
def everything(tmp_path: Path) -> Path:
    """A copy of the site that uses every key."""
    root = tmp_path / "everything"
    shutil.copytree(DATA / "sites" / "everything", root)
    return root


def edit(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} has no {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_a_broken_rule_is_named_with_file_line_and_remedy(name: str, everything: Path) -> None:
    case = CASES[name]
    for change in case["edits"]:
        edit(everything, change["file"], change["old"], change["new"])
    with pytest.raises(SiteInvalid) as caught:
        load_site(everything, case.get("environment", "octavia"), today=TODAY)
    told = [{"text": str(problem), "hint": problem.hint} for problem in caught.value.problems]
    assert [
        {key: text.replace(f"{everything}/", "") for key, text in each.items()} for each in told
    ] == case["problems"]


@pytest.mark.parametrize("environment", ["octavia", "nodes"])
def test_the_site_itself_breaks_no_rule(environment: str, everything: Path) -> None:
    assert len(load_site(everything, environment, today=TODAY).systems) == 7


def test_what_is_past_its_day_is_refused_only_where_the_policy_says_so(everything: Path) -> None:
    edit(everything, "site.yaml", "expired: refuse", "expired: warn")
    assert load_site(everything, "octavia", today=date(2100, 1, 1)).policy.notice_days == 14


def test_a_null_takes_a_whole_system_out_of_an_environment(everything: Path) -> None:
    edit(
        everything,
        "environments/octavia.yaml",
        "disposable: true",
        "disposable: true\nsystems: {balancers: null}",
    )
    assert "balancers" not in {system.id for system in load_site(everything, "octavia").systems}


def test_a_profile_of_the_site_goes_before_one_that_is_shipped(everything: Path) -> None:
    (everything / "profiles" / "openstack.yaml").write_text("product: Ours\n", encoding="utf-8")
    edit(everything, "environments/octavia.yaml", "profile: all", "profile: openstack")
    with pytest.raises(SiteInvalid) as caught:
        load_site(everything, "octavia")
    hints = {problem.hint.rpartition("; ")[2] for problem in caught.value.problems}
    assert hints == {
        "see profiles/openstack.yaml:1: load_balancer",
        "see profiles/openstack.yaml:1: object_store",
        "see profiles/openstack.yaml:1: shared_file_systems",
    }


class TestOverlays:
    @pytest.fixture
    def layered(self, everything: Path) -> Path:
        """The site with two overlays, the second over the first."""
        for name, count in (("medium", 3), ("large", 5)):
            systems = everything / "overlays" / name / "systems"
            systems.mkdir(parents=True)
            (systems / "database.yaml").write_text(
                f"nodes: {{db: {{count: {count}}}}}\n", encoding="utf-8"
            )
        large = everything / "overlays" / "large"
        text = (everything / "systems" / "police.yaml").read_text(encoding="utf-8")
        (large / "systems" / "coast.yaml").write_text(
            text.replace("id: police", "id: coast"), encoding="utf-8"
        )
        (large / "site.yaml").write_text("name: Larger\n", encoding="utf-8")
        edit(
            everything,
            "environments/octavia.yaml",
            "disposable: true",
            "disposable: true\noverlays: [medium, large]",
        )
        return everything

    def test_they_are_laid_over_each_other_in_order(self, layered: Path) -> None:
        site = load_site(layered, "octavia")
        database = next(system for system in site.systems if system.id == "database")
        assert (site.name, database.nodes[0].count) == ("Larger", 5)
        assert "coast" in {system.id for system in site.systems}

    def test_other_environments_do_not_know_of_them(self, layered: Path) -> None:
        site = load_site(layered, "nodes")
        assert (site.name, len(site.systems)) == ("Everything", 7)

    def test_the_address_book_is_that_of_the_last_one(self, layered: Path) -> None:
        site = load_site(layered, "octavia")
        assert site.address_file == layered / "overlays" / "large" / "addresses.yaml"
        assert site.addresses == ()
