"""A system gets another id: every reference changes, nothing else does, all files or none."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from govstack.errors import FilesUnwritable, MoveRefused, SiteInvalid, UnknownSelection
from govstack.operations import files as file_writing
from govstack.operations.moved import moved
from govstack.operations.plan import plan
from govstack.operations.target import Target
from govstack.site.rename import File, Kind, Move, changes_of

Edit = Callable[[str, str, str], None]


def target(root: Path) -> Target:
    return Target(root=root, environment="sandbox", state_home=root / "s", cache_home=root / "c")


def tree(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def difference(before: dict[str, bytes], after: dict[str, bytes]) -> dict[str, list[str]]:
    """Return, for each file that is new or another, the lines that its old form did not have."""
    return {
        name: [line for line in text.decode().splitlines() if line not in old]
        for name, text in after.items()
        if (old := before.get(name, b"").decode().splitlines()) != text.decode().splitlines()
    }


@pytest.fixture
def city(yunzhou: Path, edit: Edit) -> Path:
    """The city, with the office named in every way that there is."""
    edit(
        "systems/dat-rdb.yaml",
        "offers:",
        "data_sets:\n"
        "  staff:\n"
        "    name: 机构编制\n"
        "    format: table\n"
        "    share: unconditional\n"
        "    through: app-oa.https\n"
        "    consumers: [app-hal, 'app-oa'] # app-oa reads, app-hal shows\n"
        "offers:",
    )
    edit("site.yaml", "flows:\n", "balancers: app-oa/app\nflows:\n")
    edit("site.yaml", "from: dat-rdb\n", "from: app-oa/app\n")
    edit(
        "environments/production.yaml",
        "cloud: yunzhou\n",
        "cloud: yunzhou\noverlays: [large]\n"
        "systems:\n  app-oa: # more of them\n    nodes: {app: {flavor: small}}\n",
    )
    overlay = yunzhou / "overlays" / "large" / "systems"
    overlay.mkdir(parents=True)
    (overlay / "app-oa.yaml").write_text("nodes: {app: {count: 3}} # app-oa\n", encoding="utf-8")
    return yunzhou


def test_every_reference_changes_and_nothing_else(city: Path) -> None:
    before = tree(city)
    report = moved(target(city), "app-oa", "sup-office", layer="infrastructure").data
    after = tree(city)
    assert difference(before, after) == {
        "environments/production.yaml": ["  sup-office: # more of them"],
        "overlays/large/systems/sup-office.yaml": ["nodes: {app: {count: 3}} # app-oa"],
        "site.yaml": ["balancers: sup-office/app", "  - from: sup-office/app"],
        "systems/app-hal.yaml": [
            (
                "  - sup-office.https "
                "# cases are handed to the office; nothing here reaches the data zone"
            ),
        ],
        "systems/dat-rdb.yaml": [
            "    through: sup-office.https",
            "    consumers: [app-hal, 'sup-office'] # app-oa reads, app-hal shows",
        ],
        "systems/sup-office.yaml": after["systems/sup-office.yaml"].decode().splitlines(),
    }
    assert set(before) - set(after) == {"overlays/large/systems/app-oa.yaml", "systems/app-oa.yaml"}
    assert after["systems/sup-office.yaml"].decode() == before[
        "systems/app-oa.yaml"
    ].decode().replace("id: app-oa\n", "id: sup-office\nrenamed_from: app-oa\n").replace(
        "application-support", "infrastructure"
    )
    assert [file.new_path for file in report.files if file.path != file.new_path] == [
        "systems/sup-office.yaml",
        "overlays/large/systems/sup-office.yaml",
    ]
    assert (report.birth, report.written, report.confirmed) == ("app-oa", True, True)


def test_nodes_keep_their_names_and_addresses(city: Path) -> None:
    def nodes(system: str) -> list[tuple[str, str, bool]]:
        found = next(s for s in plan(target(city)).data.systems if s.id == system)
        return [(node.name, node.address, node.provisional) for node in found.nodes]

    before = nodes("dat-rdb")
    moved(target(city), "dat-rdb", "dat-sql")
    assert nodes("dat-sql") == before
    assert [provisional for _, _, provisional in before] == [False, False]


def test_the_first_id_stays_for_good(yunzhou: Path) -> None:
    before = tree(yunzhou)
    moved(target(yunzhou), "app-oa", "app-office")
    report = moved(target(yunzhou), "app-office", "app-desk").data
    text = (yunzhou / "systems" / "app-desk.yaml").read_text(encoding="utf-8")
    assert "id: app-desk\nrenamed_from: app-oa\n" in text
    assert report.birth == "app-oa"
    moved(target(yunzhou), "app-desk", "app-oa")
    assert tree(yunzhou) == before


def test_only_the_layer_changes(yunzhou: Path) -> None:
    before = tree(yunzhou)
    moved(target(yunzhou), "app-oa", "app-oa", layer="data-service")
    assert difference(before, tree(yunzhou)) == {"systems/app-oa.yaml": ["layer: data-service"]}


@pytest.mark.parametrize(
    ("old", "new", "error", "text", "hint"),
    [
        ("app-ao", "b", UnknownSelection, "there is no system 'app-ao'", "did you mean app-oa?"),
        (
            "app-oa",
            "App",
            MoveRefused,
            "'App' is not a valid id",
            "use lower-case ASCII letters, digits and single hyphens, and begin with a letter",
        ),
        ("app-oa", "app-hal", MoveRefused, "the id 'app-hal' is taken", "choose another"),
        (
            "app-oa",
            "platform",
            MoveRefused,
            "the id 'platform' means the platform itself",
            "choose another",
        ),
        (
            "app-oa",
            "internet",
            MoveRefused,
            "the id 'internet' means everybody outside, in flows",
            "choose another",
        ),
        (
            "app-oa",
            "app-oa",
            MoveRefused,
            "app-oa is the system's id already",
            "name another one, or a --layer",
        ),
    ],
)
def test_what_cannot_be(
    yunzhou: Path, old: str, new: str, error: type[Exception], text: str, hint: str
) -> None:
    before = tree(yunzhou)
    with pytest.raises(error) as caught:
        moved(target(yunzhou), old, new)
    assert (str(caught.value), getattr(caught.value, "hint", "")) == (text, hint)
    assert tree(yunzhou) == before


def test_a_former_id_is_not_given_to_another(yunzhou: Path) -> None:
    moved(target(yunzhou), "app-oa", "app-office")
    with pytest.raises(MoveRefused, match="'app-oa' is the id that app-office was first declared"):
        moved(target(yunzhou), "app-hal", "app-oa")


def test_a_layer_that_it_is_in_already(yunzhou: Path) -> None:
    with pytest.raises(MoveRefused, match="app-oa is in the layer application-support already"):
        moved(target(yunzhou), "app-oa", "app-oa", layer="application-support")


def test_the_site_must_be_valid_before(yunzhou: Path, edit: Edit) -> None:
    edit("environments/production.yaml", "cloud: yunzhou\n", "")
    before = tree(yunzhou)
    with pytest.raises(SiteInvalid):
        moved(target(yunzhou), "app-oa", "app-office")
    assert tree(yunzhou) == before


def test_the_site_must_be_valid_afterwards(yunzhou: Path) -> None:
    before = tree(yunzhou)
    with pytest.raises(SiteInvalid) as caught:
        moved(target(yunzhou), "app-oa", "app-office", layer="attic")
    (problem,) = caught.value.problems
    assert str(problem) == (
        f"{yunzhou}/systems/app-office.yaml:5: layer: the text 'attic' is not one of "
        "'infrastructure', 'data-service' or 'application-support'"
    )
    assert caught.value.hint == "so it would be after the move; nothing was changed"
    assert tree(yunzhou) == before


def test_a_file_of_no_environment_must_be_readable(yunzhou: Path) -> None:
    broken = yunzhou / "overlays" / "unused" / "site.yaml"
    broken.parent.mkdir(parents=True)
    broken.write_text("flows: [\n", encoding="utf-8")
    with pytest.raises(SiteInvalid) as caught:
        moved(target(yunzhou), "app-oa", "app-office")
    assert [problem.file for problem in caught.value.problems] == [str(broken)]


def test_whoever_declines_finds_all_as_it_was(yunzhou: Path) -> None:
    before = tree(yunzhou)
    shown: list[Any] = []
    report = moved(target(yunzhou), "app-oa", "a", confirm=lambda r: bool(shown.append(r))).data
    assert (report.confirmed, report.written) == (False, False)
    assert [file.path for file in shown[0].files] == ["systems/app-hal.yaml", "systems/app-oa.yaml"]
    assert tree(yunzhou) == before


def test_a_dry_run_writes_nothing(yunzhou: Path) -> None:
    before = tree(yunzhou)
    report = moved(target(yunzhou), "app-oa", "a", write=False).data
    assert report.files[0].diff[-2:] == (
        "-  - app-oa.https # cases are handed to the office; nothing here reaches the data zone",
        "+  - a.https # cases are handed to the office; nothing here reaches the data zone",
    )
    assert tree(yunzhou) == before


@pytest.mark.parametrize("failing", range(1, 6))
def test_all_files_or_none(city: Path, failing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(city)
    replace, calls = Path.replace, []

    def fail(self: Path, to: Path) -> Path:
        calls.append(to)
        if len(calls) == failing:
            raise OSError(28, os.strerror(28), str(to))
        return replace(self, to)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(FilesUnwritable, match="cannot be written: No space left on device"):
        moved(target(city), "app-oa", "app-office")
    assert len(calls) == failing
    assert tree(city) == before


def test_an_interrupt_leaves_nothing_half_done(city: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(city)

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(file_writing.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        moved(target(city), "app-oa", "app-office")
    assert tree(city) == before


def test_modes_stay(yunzhou: Path) -> None:
    for name in ("app-oa", "app-hal"):
        (yunzhou / "systems" / f"{name}.yaml").chmod(0o640)
    moved(target(yunzhou), "app-oa", "app-office")
    modes = {
        name: (yunzhou / "systems" / f"{name}.yaml").stat().st_mode & 0o777
        for name in ("app-office", "app-hal")
    }
    assert modes == {"app-office": 0o640, "app-hal": 0o640}


FORMS = {
    "plain": ("uses:\n  - app-oa.https  # app-oa\n", "uses:\n  - app-x.https  # app-oa\n"),
    "quoted": ("uses: ['app-oa.https', \"a.b\"]\n", "uses: ['app-x.https', \"a.b\"]\n"),
    "line ends of Windows": (
        "name: 政\r\nuses:\r\n- app-oa.https\r\n",
        "name: 政\r\nuses:\r\n- app-x.https\r\n",
    ),
    "byte order mark": ("\ufeffuses: [app-oa.https]\n", "\ufeffuses: [app-x.https]\n"),
    "block scalar": (
        "uses:\n  - >- # app-oa.https\n    app-oa.https\n  - a.b\n",
        "uses:\n  - >- # app-oa.https\n    app-x.https\n  - a.b\n",
    ),
    "escapes": ('uses: ["app\\x2doa.https"]\n', 'uses: ["app-x.https"]\n'),
    "alias": (
        "uses: &all [app-oa.https]\ndata_sets: {d: {consumers: *all}}\n",
        "uses: &all [app-x.https]\ndata_sets: {d: {consumers: *all}}\n",
    ),
    "alike": ("uses: [app-oam.https, app-o.app-oa]\n", "uses: [app-oam.https, app-o.app-oa]\n"),
    "elsewhere": ("name: app-oa\nowner: app-oa\n", "name: app-oa\nowner: app-oa\n"),
    "no end of line": ("uses: [app-oa.https]", "uses: [app-x.https]"),
}
OWN_FORMS = {
    "flow": ("{id: app-oa, name: x}\n", "{id: app-x, renamed_from: app-oa, name: x}\n"),
    "indented": (
        "  id: app-oa # id\n  name: x\n",
        "  id: app-x # id\n  renamed_from: app-oa\n  name: x\n",
    ),
    "no end of line": ("name: x\nid: app-oa", "name: x\nid: app-x\nrenamed_from: app-oa"),
    "line ends of Windows": (
        "id: 'app-oa'\r\nname: x\r\n",
        "id: 'app-x'\r\nrenamed_from: app-oa\r\nname: x\r\n",
    ),
    "former": ("renamed_from: b\nid: app-oa\n", "renamed_from: b\nid: app-x\n"),
    "back": ("id: app-oa\nrenamed_from: app-x # once\nname: x\n", "id: app-x\nname: x\n"),
    "back in flow": ("{id: app-oa, renamed_from: app-x, name: x}\n", "{id: app-x, name: x}\n"),
    "back at the end": ("{id: app-oa, renamed_from: app-x}\n", "{id: app-x}\n"),
}


def renamed(path: str, text: str) -> str:
    changes = changes_of((File(path, Kind.SYSTEM, text),), Move("app-oa", "app-x"))
    return changes[0].after if changes else text


@pytest.mark.parametrize("name", FORMS)
def test_a_reference_keeps_its_form(name: str) -> None:
    before, after = FORMS[name]
    assert renamed("systems/app-hal.yaml", before) == after


@pytest.mark.parametrize("name", OWN_FORMS)
def test_the_systems_own_file_keeps_its_form(name: str) -> None:
    before, after = OWN_FORMS[name]
    assert renamed("systems/app-oa.yaml", before) == after


def test_a_word_of_yaml_is_quoted() -> None:
    file = File("systems/app-oa.yaml", Kind.SYSTEM, "id: app-oa\n")
    (change,) = changes_of((file,), Move("app-oa", "null"))
    assert change.after == 'id: "null"\nrenamed_from: app-oa\n'
