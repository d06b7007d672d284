"""Which folder a verb acts on."""

from pathlib import Path

import pytest

from govstack.errors import SiteNotFound
from govstack_cli.locate import find_site


def make_site(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "site.yaml").touch()
    return folder


def test_the_nearest_parent_comes_first(tmp_path: Path) -> None:
    outer = make_site(tmp_path / "outer")
    inner = make_site(outer / "inventories" / "inner")
    deep = inner / "systems"
    deep.mkdir()
    assert find_site(None, deep) == inner
    assert find_site(None, outer) == outer


def test_the_only_inventory_is_taken(tmp_path: Path) -> None:
    only = make_site(tmp_path / "inventories" / "only")
    (tmp_path / "inventories" / "no-site").mkdir()
    assert find_site(None, tmp_path) == only


def test_several_inventories_are_offered(tmp_path: Path) -> None:
    for name in ("b", "a"):
        make_site(tmp_path / "inventories" / name)
    with pytest.raises(SiteNotFound) as caught:
        find_site(None, tmp_path)
    assert str(caught.value) == f"there are 2 sites in {tmp_path}/inventories"
    assert caught.value.hint == "choose one: --site inventories/a, --site inventories/b"


def test_no_site_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(SiteNotFound) as caught:
        find_site(None, tmp_path)
    assert str(caught.value) == (
        f"no site.yaml in {tmp_path} or above it, and no site in ./inventories"
    )
    assert caught.value.hint == "name the site's folder: --site PATH"


def test_a_given_path_is_the_folder_or_its_file(tmp_path: Path) -> None:
    given = make_site(tmp_path / "given")
    assert find_site(given, tmp_path) == given
    assert find_site(given / "site.yaml", tmp_path) == given


def test_a_given_path_without_a_site_offers_those_near(tmp_path: Path) -> None:
    make_site(tmp_path / "inventories" / "a")
    with pytest.raises(SiteNotFound) as caught:
        find_site(tmp_path / "inventories", tmp_path)
    assert str(caught.value) == f"there is no site.yaml in {tmp_path}/inventories"
    assert caught.value.hint == "choose one: --site inventories/a"
    with pytest.raises(SiteNotFound, match="no folder /nowhere") as caught:
        find_site(Path("/nowhere"), tmp_path)
    assert caught.value.hint == "choose one: --site inventories/a"
