"""What a setting means, what it is, where it comes from: also on a site that is not valid."""

from collections.abc import Callable
from pathlib import Path

import pytest

from govstack.errors import SiteInvalid, SiteNotFound, UnknownSelection
from govstack.operations.explain import explain, paths
from govstack.operations.reports_site import Explanation, Saying, Where
from govstack.operations.target import Target
from govstack.site.declared.base import Declared
from govstack.site.meaning import meaning_of
from govstack.site.schema import MODELS
from govstack.values.observer import Note

Edit = Callable[[str, str, str], None]


def target(root: Path, environment: str = "sandbox") -> Target:
    return Target(root=root, environment=environment, state_home=root, cache_home=root)


def explained(root: Path, path: str, environment: str = "sandbox") -> Explanation:
    return explain(target(root, environment), path).data


def shown(explanation: Explanation) -> dict[str, object]:
    return {s.path: s.says.value if s.says else s.meaning for s in explanation.settings}


def test_a_key_is_explained_whole(yunzhou: Path) -> None:
    assert explained(yunzhou, "catalog.images.linux.cloud_name") == Explanation(
        site="yunzhou",
        environment="sandbox",
        path="catalog.images.linux.cloud_name",
        meaning="the image's name in the cloud",
        detail="",
        allowed="a text of at most 255 characters",
        default="",
        required=False,
        example="openEuler-22.03-SP4",
        now=Saying(
            value="debian-12",
            where=Where.ENVIRONMENT,
            by="sandbox",
            place=f"{yunzhou}/environments/sandbox.yaml:11",
        ),
        overrode=(
            Saying(
                value="openEuler-22.03-LTS-SP4",
                where=Where.SITE,
                place=f"{yunzhou}/site.yaml:47",
            ),
        ),
        settings=(),
        nodes=(),
    )


@pytest.fixture
def layered(yunzhou: Path, edit: Edit) -> Path:
    """The city with two overlays and an environment that all have their say."""
    edit(
        "environments/sandbox.yaml",
        "disposable: true\n",
        "disposable: true\noverlays: [large, huge]\n"
        "systems:\n  app-oa: {nodes: {app: {count: 9}}, uses: null}\n",
    )
    for name, count in (("large", 3), ("huge", 5)):
        folder = yunzhou / "overlays" / name / "systems"
        folder.mkdir(parents=True)
        (folder / "app-oa.yaml").write_text(f"nodes:\n  app:\n    count: {count}\n")
    return yunzhou


def test_every_file_that_was_overridden_is_named(layered: Path) -> None:
    found = explained(layered, "systems.app-oa.nodes.app.count")
    assert found.now == Saying(
        value=9,
        where=Where.ENVIRONMENT,
        by="sandbox",
        place=f"{layered}/environments/sandbox.yaml:7",
    )
    assert [(s.value, s.where, s.by, s.place.rpartition("/")[2]) for s in found.overrode] == [
        (5, Where.OVERLAY, "huge", "app-oa.yaml:3"),
        (3, Where.OVERLAY, "large", "app-oa.yaml:3"),
        (1, Where.SITE, "", "app-oa.yaml:15"),
    ]
    assert [node.name for node in found.nodes] == [
        f"yz-pub-szfb-oa-app-{number:03d}" for number in range(1, 10)
    ]


def test_what_is_taken_away_is_as_by_default(layered: Path) -> None:
    found = explained(layered, "systems.app-oa.uses")
    assert found.now == Saying(value=[], where=Where.DEFAULT)
    assert [(s.value, s.removed, s.where) for s in found.overrode] == [
        (None, True, Where.ENVIRONMENT),
        (["dat-rdb.postgresql"], False, Where.SITE),
    ]


def test_a_list_is_replaced_as_a_whole(yunzhou: Path, edit: Edit) -> None:
    flow = "{from: any, to: inf-log, ports: [tcp/6514], purpose: x}"
    edit("environments/sandbox.yaml", "site:\n", f"site:\n  flows: [{flow}]\n")
    found = explained(yunzhou, "flows[0].from")
    assert (found.path, found.now and found.now.value) == ("flows[0].from", "any")
    assert [saying.value for saying in found.overrode] == ["inf-bas/bastion"]
    with pytest.raises(UnknownSelection) as caught:
        explain(target(yunzhou), "flows.1.from")
    assert caught.value.hint == "flows has 1 item, counted from 0"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("zones.PUB.mlps", 3),
        ("policy.expired", "warn"),
        ("environment.external_network", "public"),
        ("systems.app-oa.nodes.app.floating_ip", False),
        ("profile.makes_flavors", True),
    ],
)
def test_a_key_that_is_not_set_is_as_by_default(yunzhou: Path, path: str, value: object) -> None:
    found = explained(yunzhou, path)
    assert (found.now, found.default) == (Saying(value=value, where=Where.DEFAULT), value)


def test_a_required_key_that_is_missing(yunzhou: Path, edit: Edit) -> None:
    edit("systems/app-oa.yaml", "owner: 市政府办公室信息处\n", "")
    found = explained(yunzhou, "systems.app-oa.owner")
    assert (found.now, found.required, found.overrode) == (None, True, ())


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("zones.PUB.exposure", "one of internal, internet, operations, private, exchange"),
        ("zones.PUB.mlps", "a whole number from 1 to 3"),
        ("catalog.flavors.small.vcpus", "a whole number, at least 1"),
        ("zones.PUB.holds_data", "true or false"),
        ("zones.PUB.name", "a text of at most 120 characters"),
        ("zones.PUB.supernet", "a text of the form ^[0-9.]+/[0-9]{1,2}$"),
        ("flows[0].expires", "a day, written YYYY-MM-DD"),
        ("policy.encrypt", "a list, each item one of general, important, core"),
        ("tenants.dsjj.contacts", "a list of sections"),
        ("format", "1"),
        ("zones.PUB", ""),
    ],
)
def test_what_may_stand_there_in_words(yunzhou: Path, path: str, words: str) -> None:
    assert explained(yunzhou, path).allowed == words


def test_a_section_shows_its_keys(yunzhou: Path) -> None:
    found = explained(yunzhou, "zones.DAT")
    assert (found.meaning, found.now) == ("A network area (网络区域)", None)
    assert shown(found) == {
        "zones.DAT.name": "数据区",
        "zones.DAT.supernet": "10.40.0.0/16",
        "zones.DAT.exposure": "internal",
        "zones.DAT.routing_domain": "core",
        "zones.DAT.mlps": 3,
        "zones.DAT.holds_data": True,
        "zones.DAT.router": None,
    }


def test_systems_and_all_are_shown_by_what_they_are(yunzhou: Path) -> None:
    assert shown(explained(yunzhou, "systems")) == {
        "systems.app-hal": "政务服务大厅",
        "systems.app-oa": "协同办公",
        "systems.dat-rdb": "关系数据库服务",
        "systems.inf-bas": "运维堡垒机",
        "systems.inf-log": "日志审计与留存",
    }
    assert {"zones", "systems", "environment", "profile"} < set(shown(explained(yunzhou, "")))


def test_what_an_environment_changes_is_shown_alone(yunzhou: Path) -> None:
    assert shown(explained(yunzhou, "environment.site")) == {
        "environment.site.catalog.images.linux.os_distro": "debian",
        "environment.site.catalog.images.linux.cloud_name": "debian-12",
    }


def test_capabilities_go_before_the_profile(yunzhou: Path, edit: Edit) -> None:
    edit("environments/production.yaml", "cloud:", "capabilities: {load_balancer: nodes}\ncloud:")
    found = explained(yunzhou, "profile.load_balancer", "production")
    assert found.now
    assert (found.now.value, found.now.where) == ("nodes", Where.ENVIRONMENT)
    assert [(s.value, s.where, s.by) for s in found.overrode] == [
        ("octavia", Where.PROFILE, "openstack")
    ]


def test_a_system_that_an_environment_takes_out_is_not_there(yunzhou: Path, edit: Edit) -> None:
    edit("environments/sandbox.yaml", "site:", "systems: {app-hal: null}\nsite:")
    assert "systems.app-hal" not in shown(explained(yunzhou, "systems"))


@pytest.mark.parametrize(
    ("path", "text", "hint"),
    [
        ("zones.PUX.name", "zones.PUX.name", "did you mean zones.PUB.name?"),
        ("policy.expird", "policy.expird", "did you mean policy.expired?"),
        ("systems.app-ao", "systems.app-ao", "did you mean systems.app-oa?"),
        ("app-oa.nodes", "app-oa.nodes", "did you mean systems.app-oa.nodes?"),
        ("flow", "flow", "did you mean flows?"),
        ("flows[9]", "flows[9]", "flows has 5 items, counted from 0"),
        ("mlps.x", "mlps.x", "mlps has nothing below it"),
        (
            "catalog.zzzz",
            "catalog.zzzz",
            "known here: flavors, images, volume_types",
        ),
    ],
)
def test_an_unknown_path_is_answered_by_the_nearest(
    yunzhou: Path, path: str, text: str, hint: str
) -> None:
    with pytest.raises(UnknownSelection) as caught:
        explain(target(yunzhou), path)
    assert (str(caught.value), caught.value.hint) == (f"there is no setting {text!r}", hint)


def test_a_site_with_mistakes_is_explained_too(yunzhou: Path, edit: Edit) -> None:
    edit("site.yaml", "mlps: 3", "mlps: three")
    result = explain(target(yunzhou), "systems.app-oa.nodes")
    assert shown(result.data)["systems.app-oa.nodes.app.count"] == 1
    assert (result.data.nodes, result.notes) == (
        (),
        (Note("what follows from it is not known: the site has 1 problem"),),
    )
    assert explained(yunzhou, "mlps").now == Saying(
        value="three", where=Where.SITE, place=f"{yunzhou}/site.yaml:8"
    )


def test_a_file_that_is_no_yaml_cannot_be_explained(yunzhou: Path) -> None:
    (yunzhou / "site.yaml").write_text("a: [\n", encoding="utf-8")
    with pytest.raises(SiteInvalid):
        explain(target(yunzhou), "name")


def test_no_site_and_no_environment(yunzhou: Path, tmp_path: Path) -> None:
    with pytest.raises(SiteNotFound, match="there is no site in"):
        explain(target(tmp_path), "name")
    with pytest.raises(UnknownSelection, match="has no environment 'test'"):
        explain(target(yunzhou, "test"), "name")


@pytest.mark.parametrize(
    ("begin", "offered"),
    [
        ("zones.", [("zones.INT", "互联网区"), ("zones.PUB", "政务外网公用网络区")]),
        ("catalog.fl", [("catalog.flavors", "classes of nodes by id")]),
        ("nowhere.x", []),
    ],
)
def test_paths_are_offered_key_by_key(
    yunzhou: Path, begin: str, offered: list[tuple[str, str]]
) -> None:
    found = [item for item in paths(target(yunzhou), begin) if item[0].startswith(begin)]
    assert found[:2] == offered


@pytest.mark.parametrize("kind", MODELS)
def test_every_key_of_every_file_has_a_meaning(kind: str) -> None:
    start = {"site": (), "system": ("systems", "x")}.get(kind, (kind,))
    assert issubclass(MODELS[kind], Declared)
    for name, field in MODELS[kind].model_fields.items():
        meaning = meaning_of((*start, field.alias or name))
        assert meaning is not None
        assert meaning.text == (field.description or "").rstrip(".")
