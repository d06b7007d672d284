from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from govstack.errors import SiteInvalid, SiteNotFound, UnknownSelection
from govstack.site.catalog import Adopted
from govstack.site.kinds import Exposure, Layer, Port, Protocol
from govstack.site.load import load_site
from govstack.site.systems import Use

Edit = Callable[[str, str, str], None]
MISTAKES: Mapping[str, Any] = YAML(typ="safe", pure=True).load(
    Path(__file__).parent.parent / "data" / "mistakes.yaml"
)


def problems(root: Path, environment: str = "sandbox") -> list[dict[str, str]]:
    with pytest.raises(SiteInvalid) as caught:
        load_site(root, environment)
    assert caught.value.exit_code == 3
    return [
        {
            "text": str(problem).replace(f"{root}/", ""),
            "hint": problem.hint.replace(f"{root}/", ""),
        }
        for problem in caught.value.problems
    ]


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_file_line_and_remedy(name: str, yunzhou: Path, edit: Edit) -> None:
    case = MISTAKES[name]
    edit(case["file"], case["old"], case["new"])
    assert problems(yunzhou) == case["problems"]


def test_all_mistakes_are_named_at_once(yunzhou: Path, edit: Edit) -> None:
    edit("site.yaml", "10.20.0.0/16", "10.20.0.0/33")
    edit("systems/app-oa.yaml", "count: 1", "count: one")
    edit("systems/app-hal.yaml", "owner:", "ownr:")
    assert [problem["text"].split(": ")[0] for problem in problems(yunzhou)] == [
        "site.yaml:20",
        "systems/app-hal.yaml:1",
        "systems/app-hal.yaml:8",
        "systems/app-oa.yaml:15",
    ]


def test_the_site_of_yunzhou_is_read_whole(yunzhou: Path) -> None:
    site = load_site(yunzhou, "sandbox")
    assert [(zone.id, zone.exposure, zone.holds_data) for zone in site.zones] == [
        ("DAT", Exposure.INTERNAL, True),
        ("INT", Exposure.INTERNET, False),
        ("MGT", Exposure.OPERATIONS, False),
        ("PUB", Exposure.INTERNAL, False),
    ]
    assert {system.id: system.layer for system in site.systems} == {
        "app-hal": Layer.APPLICATION_SUPPORT,
        "app-oa": Layer.APPLICATION_SUPPORT,
        "dat-rdb": Layer.DATA_SERVICE,
        "inf-bas": Layer.INFRASTRUCTURE,
        "inf-log": Layer.INFRASTRUCTURE,
    }
    office = next(system for system in site.systems if system.id == "app-oa")
    assert office.uses == (Use("dat-rdb", "postgresql"),)
    assert office.offers[0].port == Port(Protocol.TCP, 443, 443)


def test_an_environment_changes_what_it_overlays(yunzhou: Path) -> None:
    assert load_site(yunzhou, "sandbox").images[0].adopted == Adopted(name="debian-12")
    assert load_site(yunzhou, "production").images[0].adopted == Adopted(
        name="openEuler-22.03-LTS-SP4"
    )


def test_an_overlay_can_change_a_system_and_take_a_key_away(yunzhou: Path, edit: Edit) -> None:
    edit(
        "environments/sandbox.yaml",
        "site:",
        "systems:\n  app-oa:\n    nodes: {app: {count: 3}}\n    uses: null\nsite:",
    )
    office = next(s for s in load_site(yunzhou, "sandbox").systems if s.id == "app-oa")
    assert (office.nodes[0].count, office.nodes[0].zone, office.uses) == (3, "PUB", ())


def test_a_cloud_that_is_not_embedded_needs_an_entry(yunzhou: Path, edit: Edit) -> None:
    edit("environments/production.yaml", "cloud: yunzhou\n", "")
    assert problems(yunzhou, "production") == [
        {
            "text": "environments/production.yaml:1: 'cloud' is missing",
            "hint": "name the entry of clouds.yaml to use, such as cloud: yunzhou",
        }
    ]


def test_a_folder_without_a_site(tmp_path: Path) -> None:
    with pytest.raises(SiteNotFound, match=r"there is no site in .*: no file site\.yaml"):
        load_site(tmp_path, "sandbox")


def test_an_unknown_environment(yunzhou: Path) -> None:
    with pytest.raises(UnknownSelection, match="yunzhou has no environment 'prod'") as caught:
        load_site(yunzhou, "prod")
    assert caught.value.hint == "there are: production, sandbox"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "site.yaml:1: the file is empty"),
        (b"- a\n", "site.yaml:1: must hold keys and values"),
        (b"name: \xff\n", "site.yaml:1: is not written in UTF-8"),
        (b"a: &x [*x]\n", "site.yaml:1: a[0]: contains itself"),
        (b"a: !!python/object:os.system x\n", "site.yaml:1: a: the tag 'python/object:os.system'"),
    ],
)
def test_a_file_that_is_no_document(yunzhou: Path, content: bytes, text: str) -> None:
    (yunzhou / "site.yaml").write_bytes(content)
    assert any(problem["text"].startswith(text) for problem in problems(yunzhou))


def test_names_that_no_cloud_would_take(yunzhou: Path, edit: Edit) -> None:
    edit("site.yaml", "code: yz", "code: yunzhou-government-cloud")
    edit("systems/app-hal.yaml", "  web:\n", "  a-web-server-with-a-very-long-id:\n")
    assert problems(yunzhou) == [
        {
            "text": "systems/app-hal.yaml:13: nodes.a-web-server-with-a-very-long-id: its nodes' "
            "names have 74 characters, at most 63 are allowed: "
            "yunzhou-government-cloud-int-zwfw-hal-a-web-server-with-a-very-long-id-999",
            "hint": "shorten the role, or the ids of system or tenant",
        }
    ]


def test_names_that_would_be_given_twice(yunzhou: Path) -> None:
    text = (yunzhou / "systems" / "app-oa.yaml").read_text(encoding="utf-8")
    (yunzhou / "systems" / "sup-oa.yaml").write_text(text.replace("app-oa", "sup-oa"))
    assert problems(yunzhou) == [
        {
            "text": "systems/sup-oa.yaml:13: nodes.app: its nodes would have the same names as "
            "those of app-oa: yz-pub-szfb-oa-app-001",
            "hint": "choose another role or system id",
        }
    ]
