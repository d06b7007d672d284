"""A new site: valid whatever was chosen, with an address for all, and nothing is overwritten."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from govstack.errors import AnswerRefused, FilesUnwritable, SiteExists, SiteInvalid
from govstack.operations.init import QUESTIONS, check_folder, init
from govstack.operations.reports_site import InitReport
from govstack.operations.target import Target
from govstack.operations.validate import validate
from govstack.site.answers import cloud, departments, profile, site_key, systems, zones
from govstack.site.load import load_site
from govstack.site.newsite import yaml_text

Given = Mapping[str, tuple[str, ...]]


def made(folder: Path, given: Given | None = None, *, write: bool = True) -> InitReport:
    """Make a site of these answers, and defaults for all others."""
    said: dict[str, tuple[str, ...]] = {"id": (folder.name,), **(given or {})}
    for question in QUESTIONS:
        if question.key not in said:
            said[question.key] = question.default(said) if question.is_asked(said) else ()
    return init(folder, said, write=write).data


CHOICES: dict[str, Given] = {
    "defaults": {},
    "production": {"cloud": ("harbour",)},
    "a cloud with fixed flavors": {"cloud": ("otc",), "profile": ("open-telekom-cloud",)},
    "a cloud with its core alone": {"cloud": ("old one",), "profile": ("openstack-core",)},
    "small": {"zones": ("small",)},
    "exchange": {"zones": ("exchange",), "systems": ("inf-bas", "dat-rdb", "app-oa", "app-hal")},
    "one zone that faces the Internet": {"zones": ("INT",)},
    "one private zone": {"zones": ("PRV",)},
    "Internet and data": {"zones": ("INT", "DAT")},
    "zones of one's own": {"zones": ("ABC", "DEF1", "MGT")},
    "one layer": {"systems": ("dat-rdb",)},
    "another": {"systems": ("inf-log",), "zones": ("PUB",)},
    "applications alone": {"systems": ("app-a", "sup-b=地图: 服务", "app-c")},
    "departments": {
        "departments": ("dsjj=大数据局", "szfb=市政府 '办公室' #1", "zwfw=null"),
        "systems": ("inf-bas", "app-oa", "app-hal", "app-mkt"),
    },
    "names that YAML would take for something else": {
        "name": ('- "政务云": {a} # b',),
        "departments": ("a=true", "b=12", "c=~"),
        "cloud": ("@x: y",),
    },
}


@pytest.mark.parametrize("name", CHOICES)
def test_a_new_site_is_valid(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "harbour"
    report = made(folder, CHOICES[name])
    for environment in report.environments:
        target = Target(
            root=folder, environment=environment, state_home=tmp_path, cache_home=tmp_path
        )
        result = validate(target)
        assert result.notes == ()
        assert result.data.systems == len(report.systems)
    assert report.environments == (
        ("sandbox", "production") if "cloud" in CHOICES[name] else ("sandbox",)
    )


@pytest.mark.parametrize("name", CHOICES)
def test_a_new_site_says_what_was_answered(name: str, tmp_path: Path) -> None:
    given = CHOICES[name]
    folder = tmp_path / "harbour"
    made(folder, given)
    site = load_site(folder, "production" if "cloud" in given else "sandbox")
    if "departments" in given:
        assert [f"{t.id}={t.name}" for t in site.tenants] == list(given["departments"])
        assert {system.tenant for system in site.systems} <= {t.id for t in site.tenants}
    assert site.name == given.get("name", ("harbour 政务云",))[0]
    assert site.environment.cloud == given.get("cloud", ("",))[0]
    assert (
        site.environment.profile.name
        == given.get("profile", ("openstack" if "cloud" in given else "sandbox",))[0]
    )


def test_editors_find_the_schema_of_every_file(tmp_path: Path) -> None:
    folder = tmp_path / "harbour"
    made(folder, {"cloud": ("x",)})
    pages = [path for path in folder.rglob("*.yaml") if path.name != "addresses.yaml"]
    assert len(pages) == 6
    for path in pages:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        found = re.fullmatch(r"# yaml-language-server: \$schema=(.*)", first)
        assert found
        assert (path.parent / found[1]).is_file()


def test_what_was_made_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "harbour"
    report = made(folder)
    paths = [file.path for file in report.files]
    assert sorted(paths) == sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()
    )
    assert paths[:2] == ["README.md", "site.yaml"]
    assert (report.systems, report.written) == (("inf-bas", "dat-rdb", "app-oa"), True)
    assert report.addresses == (folder / "addresses.yaml").read_text("utf-8").count("\n") - 2
    assert {file.text for file in report.files} == {""}


def test_a_dry_run_gives_the_texts_and_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "harbour"
    report = made(folder, write=False)
    assert not folder.exists()
    made(folder)
    for file in report.files:
        assert file.text == (folder / file.path).read_text(encoding="utf-8")
        assert file.lines == file.text.count("\n")


def test_lines_are_short_enough_to_read(tmp_path: Path) -> None:
    report = made(tmp_path / "harbour", {"cloud": ("x",)}, write=False)
    long = {
        line
        for file in report.files
        if file.path.endswith(".yaml")
        for line in file.text.splitlines()
        if len(line) > 110
    }
    assert long == set()


def test_a_folder_with_other_files_is_taken(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    folder = tmp_path / "harbour"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    made(folder)
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "site.yaml").is_file()


@pytest.mark.parametrize("name", ["site.yaml", "README.md", "systems/app-oa.yaml"])
def test_nothing_is_ever_overwritten(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "harbour"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text("mine")
    with pytest.raises(SiteExists) as caught:
        made(folder)
    assert str(caught.value) == (
        f"there is a site in {folder} already"
        if name == "site.yaml"
        else f"there is a file {folder / name} already"
    )
    assert [path for path in folder.rglob("*") if path.is_file()] == [folder / name]
    assert (folder / name).read_text() == "mine"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "harbour").write_text("")
    with pytest.raises(SiteExists, match="harbour is a file"):
        check_folder(tmp_path / "harbour")


def test_the_id_is_the_name_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(AnswerRefused, match="'other' is not the name of its folder, 'harbour'"):
        made(tmp_path / "harbour", {"id": ("other",)})


def test_answers_that_do_not_go_together_name_the_files_to_be(tmp_path: Path) -> None:
    folder = tmp_path / "harbour"
    long = "a-very-long-id-of-a-department"
    with pytest.raises(SiteInvalid) as caught:
        made(folder, {"departments": (f"{long}=局",), "code": ("a-very-long-code-of-a-site",)})
    assert {problem.file for problem in caught.value.problems} == {
        f"{folder}/systems/{name}.yaml" for name in ("app-oa", "dat-rdb", "inf-bas")
    }
    assert not folder.exists()


def test_what_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "inventories" / "harbour"
    open_, calls = Path.open, []

    def fail(self: Path, *args: str, **options: str) -> object:
        if self.is_relative_to(folder):
            calls.append(self)
            if len(calls) == 4:
                raise OSError(28, "No space left on device", str(self))
        return open_(self, *args, **options)  # type: ignore[call-overload] # passed on as given

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(FilesUnwritable, match="cannot be written: No space left on device"):
        made(folder)
    assert list(tmp_path.iterdir()) == []


REFUSED = {
    "id": (lambda: site_key("id", "Yz"), "'Yz' is not a valid id"),
    "code": (lambda: site_key("code", ""), "'' is not a valid id"),
    "name": (lambda: site_key("name", " "), "must not be empty"),
    "department": (lambda: departments(("大数据局",)), "'大数据局' names no department"),
    "its id": (lambda: departments(("A=大数据局",)), "'A' is not a valid id"),
    "its name": (lambda: departments(("a=",)), "must not be empty"),
    "twice": (lambda: departments(("a=b", "a=c")), "a is named twice"),
    "no department": (lambda: departments(()), "there must be at least one department"),
    "preset": (lambda: zones(("standart",)), "there is no choice of zones 'standart'"),
    "zone": (lambda: zones(("PUB", "1A")), "'1A' is not a valid zone id"),
    "no zone": (lambda: zones(()), "there must be at least one zone"),
    "many zones": (
        lambda: zones(tuple(f"Z{number}" for number in range(19))),
        "more than 18 zones of your own",
    ),
    "system": (lambda: systems(("App",)), "'App' is not a valid id"),
    "layer": (lambda: systems(("web-x",)), "'web-x' does not tell its layer"),
    "same names": (
        lambda: systems(("app-oa", "sup-oa")),
        "the nodes of sup-oa would have the same names as those of app-oa",
    ),
    "no system": (lambda: systems(()), "there must be at least one system"),
    "cloud": (
        lambda: cloud("x" * 256),
        "String should have at most 255 characters",
    ),
    "profile": (lambda: profile("openstac"), "there is no profile 'openstac'"),
    "sandbox": (
        lambda: profile("sandbox"),
        "the embedded cloud has no entry in clouds.yaml",
    ),
    "refused": (
        lambda: profile("fusionsphere-6"),
        (
            "Huawei FusionSphere OpenStack 6.0 (Nova 2014.2, Juno) cannot be used: its block "
            "storage speaks API v2 at most, and the OpenStack provider speaks v3 alone"
        ),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_answer_is_refused_in_the_words_of_validate(name: str) -> None:
    ask, text = REFUSED[name]
    with pytest.raises(AnswerRefused) as caught:
        ask()
    assert str(caught.value) == text
    assert caught.value.hint or name == "cloud"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("大数据局", "大数据局"),
        ("harbour 政务云", "harbour 政务云"),
        ("政务云（一期）", "政务云（一期）"),
        ("true", '"true"'),
        ("Null", '"Null"'),
        ("12", '"12"'),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("-", '"-"'),
        ("a ", '"a "'),
        ('say "x"', '"say \\"x\\""'),
    ],
)
def test_a_text_is_quoted_where_it_must_be(text: str, written: str) -> None:
    assert yaml_text(text) == written
