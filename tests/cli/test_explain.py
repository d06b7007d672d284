"""The verb `explain` on a city, with its whole text and its whole JSON as kept in data/."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from govstack_cli.render.explain import written

DATA = Path(__file__).parent / "data"

CASES = {
    "explain-key": ("catalog.images.linux.cloud_name",),
    "explain-default": ("zones.PUB.exposure",),
    "explain-count": ("systems.dat-rdb.nodes.db.count",),
    "explain-removed": ("systems.app-oa.uses",),
    "explain-missing": ("systems.app-oa.owner",),
    "explain-section": ("zones.DAT",),
    "explain-list": ("flows",),
    "explain-system": ("systems.dat-rdb",),
    "explain-systems": ("systems",),
    "explain-all": (),
    "explain-nothing": ("backup_policies",),
}


def assert_same(name: str, text: str) -> None:
    if os.environ.get("GOVSTACK_UPDATE_DATA"):
        (DATA / name).write_text(text, encoding="utf-8")
    assert text == (DATA / name).read_text(encoding="utf-8")


@pytest.fixture
def city(yunzhou: Path, edit: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The city as the current folder, with a change of every kind."""
    edit(
        "environments/sandbox.yaml",
        "disposable: true\n",
        "disposable: true\noverlays: [large]\nsystems: {app-oa: {uses: null}}\n",
    )
    overlay = yunzhou / "overlays" / "large" / "systems"
    overlay.mkdir(parents=True)
    (overlay / "dat-rdb.yaml").write_text("nodes:\n  db:\n    count: 3\n")
    monkeypatch.chdir(yunzhou)
    return yunzhou


@pytest.mark.parametrize("name", CASES)
def test_text_is_as_kept(name: str, city: Path, edit: Any, run: Any) -> None:
    if name == "explain-missing":
        edit("systems/app-oa.yaml", "owner: 市政府办公室信息处\n", "")
    ran = run("explain", *CASES[name])
    assert_same(f"{name}.txt", ran.out)
    assert (ran.exit_code, ran.err) == (0, "")
    assert str(city) not in ran.out


@pytest.mark.parametrize("name", ["explain-count", "explain-section"])
def test_json_is_as_kept(name: str, city: Path, run: Any) -> None:
    ran = run("explain", *CASES[name], "-o", "json")
    assert_same(f"{name}.json", ran.out.replace(f"{city}/", ""))
    assert (ran.exit_code, ran.err) == (0, "")


def test_all_keys_of_a_list_are_shown_when_asked_for(city: Path, run: Any) -> None:
    out = run("explain", "-v", "flows").out
    assert "  [0].expires    -                     default" in out
    assert (city / "site.yaml").exists()


def test_of_many_nodes_the_first_are_shown(city: Path, edit: Any, run: Any) -> None:
    edit("systems/app-hal.yaml", "count: 1", "count: 22")
    ran = run("explain", "systems.app-hal.nodes.web.count")
    assert ran.out.splitlines()[-22:-20] == [
        "22 nodes",
        "  INT  yz-int-zwfw-hal-web-001  10.10.0.10",
    ]
    assert ran.out.splitlines()[-1] == "  and 2 more; --verbose shows all"
    ran = run("explain", "-v", "systems.app-hal.nodes.web.count")
    assert ran.out.splitlines()[-1] == "  INT  yz-int-zwfw-hal-web-022  10.10.0.31"
    assert (city / "site.yaml").exists()


def test_an_unknown_path(city: Path, run: Any) -> None:
    ran = run("explain", "zones.PUB.supernett")
    assert (ran.exit_code, ran.out) == (2, "")
    assert ran.err == (
        "error: there is no setting 'zones.PUB.supernett'\n"
        " hint: did you mean zones.PUB.supernet?\n"
    )
    assert (city / "site.yaml").exists()


def test_a_site_with_mistakes_is_explained_with_a_note(city: Path, edit: Any, run: Any) -> None:
    edit("site.yaml", "mlps: 3", "mlps: 9")
    ran = run("explain", "systems.app-oa.nodes.app.count")
    assert ran.exit_code == 0
    assert ran.err == "note: what follows from it is not known: the site has 1 problem\n"
    assert "in sandbox  1  systems/app-oa.yaml:15  site" in ran.out
    assert (city / "site.yaml").exists()


def complete(word: str, folder: Path, *options: str) -> list[str]:
    """Return what fish would be offered for a path."""
    ran = subprocess.run(
        [sys.executable, "-c", "from govstack_cli.main import main; main()"],
        env={
            "_GOVSTACK_COMPLETE": "fish_complete",
            "COMP_WORDS": " ".join(["govstack", *options, "explain", word]),
            "COMP_CWORD": word,
        },
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert ran.stderr == ""
    lines = (line.removeprefix("plain,") for line in ran.stdout.splitlines())
    return [line for line in lines if line]


def test_paths_are_offered_key_by_key(city: Path, tmp_path: Path) -> None:
    assert complete("systems.app", city) == [
        "systems.app-hal\t政务服务大厅",
        "systems.app-oa\t协同办公",
    ]
    assert complete("zones.PUB.s", city, "-e", "production") == [
        "zones.PUB.supernet\tall subnets of the zone lie in it"
    ]
    assert complete("zones.", city, "-e", "nowhere") == []
    assert complete("zones.", tmp_path) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        ("", "-"),
        (True, "true"),
        (7, "7"),
        ("a b", "a b"),
        ("a, b", '"a, b"'),
        ([], "[]"),
        ([{"a": "x: y"}, False], '[{a: "x: y"}, false]'),
    ],
)
def test_a_value_is_shown_as_yaml_writes_it(value: object, text: str) -> None:
    assert written(value) == text
