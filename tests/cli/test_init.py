"""The verb `init`: its whole text and JSON, its questions, and what it leaves behind."""

import io
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from govstack.operations.reports_site import InitReport, NewFile
from govstack_cli.interview import INVITATION, texts_of

DATA = Path(__file__).parent / "data"
REPORT = InitReport(
    site="harbour",
    name="港湾政务云",
    root="inventories/harbour",
    environments=("sandbox", "production"),
    systems=("inf-bas",),
    files=(
        NewFile(path="README.md", lines=2),
        NewFile(path="site.yaml", lines=40),
        NewFile(path="environments/sandbox.yaml", lines=3),
        NewFile(path="environments/production.yaml", lines=3),
        NewFile(path="systems/inf-bas.yaml", lines=20),
        NewFile(path=".schema/site.json", lines=400),
        NewFile(path=".schema/system.json", lines=300),
        NewFile(path="addresses.yaml", lines=9),
    ),
    addresses=7,
    written=True,
)
DEFAULTS = {
    "id": ("city",),
    "code": ("ci",),
    "name": ("city 政务云",),
    "departments": ("dsjj=大数据局",),
    "zones": ("standard",),
    "systems": ("inf-bas", "dat-rdb", "app-oa"),
    "cloud": ("",),
    "profile": (),
}


def assert_same(name: str, text: str) -> None:
    if os.environ.get("GOVSTACK_UPDATE_DATA"):
        (DATA / name).write_text(text, encoding="utf-8")
    assert text == (DATA / name).read_text(encoding="utf-8")


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Remember how the operation is called, and make nothing; its questions are the real ones."""
    from govstack.operations import init  # noqa: PLC0415
    from govstack.values.result import Result  # noqa: PLC0415

    calls: list[tuple[Any, ...]] = []

    def fake(folder: Path, said: Any, *, write: bool) -> Result[InitReport]:
        calls.append((folder, said, write))
        return Result(data=REPORT)

    monkeypatch.setattr(init, "init", fake)
    return calls


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let someone sit at a terminal and type these lines."""

    def typed(*lines: str) -> None:
        monkeypatch.setattr("govstack_cli.ask.can_ask", lambda: True)
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return typed


def test_text_and_json_are_as_kept(called: Any, run: Any) -> None:
    ran = run("init", "--yes")
    assert_same("init.txt", ran.out)
    assert (ran.exit_code, ran.err) == (0, "")
    assert called == [(Path("inventories/city"), DEFAULTS, True)]
    assert_same("init.json", run("init", "--yes", "-o", "json").out)


def test_options_are_answers(called: Any, run: Any) -> None:
    ran = run(
        *("init", "-y", "--dry-run", "--id", "harbour", "--code", "hb", "--name", "港湾, 云"),
        *("--department", "a=甲, 乙", "--department", "b=丙", "--zones", "PUB,MGT"),
        *("--system", "app-x=地图", "--system", "inf-bas", "--cloud", "hb", "--profile"),
        "openstack-core",
    )
    assert (ran.exit_code, ran.err) == (0, "")
    assert called == [
        (
            Path("inventories/harbour"),
            {
                "id": ("harbour",),
                "code": ("hb",),
                "name": ("港湾, 云",),
                "departments": ("a=甲, 乙", "b=丙"),
                "zones": ("PUB", "MGT"),
                "systems": ("app-x=地图", "inf-bas"),
                "cloud": ("hb",),
                "profile": ("openstack-core",),
            },
            False,
        )
    ]


def test_the_folder_gives_the_id(called: Any, run: Any) -> None:
    assert run("init", "sites/harbour", "--yes").exit_code == 0
    assert (called[0][0], called[0][1]["id"]) == (Path("sites/harbour"), ("harbour",))


def test_every_answer_is_checked_at_once(called: Any, run: Any, answer: Any) -> None:
    answer(
        "City", "yunzhou", "harbour", "", "港湾政务云", "甲局", "a=甲局、b=乙局", "", "x", "app-x"
    )
    # Nothing more is typed: the question after the last is where it ends.
    ran = run("init")
    assert (ran.exit_code, ran.out, called) == (130, "", [])
    assert_same("init-questions.txt", ran.err)


def test_what_was_answered_is_made(called: Any, run: Any, answer: Any) -> None:
    answer("harbour", "", "", "small", "", "hb", "openstac", "")
    ran = run("init", "--code", "hb")
    assert ran.exit_code == 0
    assert ran.err.startswith(f"{INVITATION}\nId of the site")
    assert "Code" not in ran.err
    assert called[0][1] == DEFAULTS | {
        "id": ("harbour",),
        "code": ("hb",),
        "name": ("harbour 政务云",),
        "departments": ("dsjj=大数据局",),
        "zones": ("small",),
        "cloud": ("hb",),
        "profile": ("openstack",),
    }


@pytest.mark.parametrize(
    ("options", "exit_code", "text"),
    [
        (
            (),
            2,
            (
                "error: there is no terminal to ask on: give --yes to take defaults for what no "
                "option says\n hint: see govstack init --help\n"
            ),
        ),
        (
            ("--yes", "--zones", "standart"),
            2,
            "error: there is no choice of zones 'standart'\n hint: did you mean standard?\n",
        ),
        (
            ("inventories/yunzhou",),
            3,
            (
                "error: there is a site in inventories/yunzhou already\n"
                " hint: name another folder; this one stays\n"
            ),
        ),
        (
            ("--yes", "--id", "yunzhou"),
            3,
            (
                "error: there is a site in inventories/yunzhou already\n"
                " hint: name another folder; this one stays\n"
            ),
        ),
        (
            ("harbour", "--yes", "--id", "port"),
            2,
            (
                "error: the site's id 'port' is not the name of its folder, 'harbour'\n"
                " hint: an environment's state is found by the folder's name: make them the same\n"
            ),
        ),
    ],
)
def test_what_cannot_be(
    options: tuple[str, ...], exit_code: int, text: str, run: Any, site: Path
) -> None:
    before = sorted(site.parent.parent.rglob("*"))
    ran = run("init", *options)
    assert (ran.exit_code, ran.out, ran.err) == (exit_code, "", text)
    assert sorted(site.parent.parent.rglob("*")) == before


def test_a_dry_run_prints_what_would_be_written(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("init", "--yes", "--dry-run", "--id", "harbour", "--cloud", "harbour")
    assert_same("init-dry.txt", ran.out)
    assert (ran.exit_code, ran.err) == (0, "")
    assert not (tmp_path / "inventories").exists()


@pytest.mark.parametrize("folder", [None, "elsewhere/harbour"])
def test_the_next_steps_work_as_they_are_told(
    folder: str | None, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "empty"
    here.mkdir()
    monkeypatch.chdir(here)
    ran = run("init", "--yes", *((folder,) if folder else ("--id", "harbour")))
    assert ran.exit_code == 0
    commands = [line.split("govstack", 1)[1].split() for line in ran.out.splitlines()[-3:]]
    option = ["-s", folder] if folder else []
    assert commands == [[*option, *words] for words in (["plan"], ["explain", "zones"], ["up"])]
    for words in commands[:2]:
        assert run(*words).exit_code == 0
    validated = run(*option, "validate")
    assert (validated.exit_code, validated.err) == (0, "")


def test_lists_are_written_as_people_write_them() -> None:
    assert texts_of(" PUB, DAT ，MGT、INT; ") == ("PUB", "DAT", "MGT", "INT")


def test_a_written_report_carries_no_texts(called: Any, run: Any) -> None:
    assert replace(REPORT, files=()).written
    assert '"text": ""' in run("init", "--yes", "-o", "json").out
    assert called
