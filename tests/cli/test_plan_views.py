"""The views of `plan`, with their whole text and JSON as kept in data/, and their files.

`GOVSTACK_UPDATE_DATA=1 pytest tests/cli` writes them anew, for a reviewer to read as a diff.
"""

import importlib
import json
import os
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from govstack.operations.plan_documents import MAKERS, document
from govstack.operations.target import Target
from govstack_cli.commands.plan import ENDINGS, FORMS, TEXT

DATA = Path(__file__).parent / "data"
VIEWS = ("topology", "flows", "quota", "addresses")


def assert_same(name: str, text: str) -> None:
    if os.environ.get("GOVSTACK_UPDATE_DATA"):
        (DATA / name).write_text(text, encoding="utf-8")
    assert text == (DATA / name).read_text(encoding="utf-8")


@pytest.fixture
def city(yunzhou: Path, edit: Any, fake: Any) -> Any:
    """Put what the real operation says of the city in its place, and return it."""
    edit("site.yaml", "name: 市政府办公室", "name: 市政府办公室\n    quota: {cores: 8, ram_gb: 64}")
    edit("addresses.yaml", "core/10.40.0.11: yz-dat-dsjj-rdb-db-002\n", "")
    home = yunzhou.parent
    target = Target(root=yunzhou, environment="sandbox", state_home=home, cache_home=home)

    def place(view: str) -> Any:
        operations = importlib.import_module("govstack.operations.plan")
        report = getattr(operations, view)(target).data
        return report, fake(f"plan.{view}", report)

    return place


def test_the_forms_are_those_that_can_be_made() -> None:
    offered = {(view, form) for view, forms in FORMS.items() for form in forms if form != TEXT}
    assert offered == set(MAKERS)
    assert set(ENDINGS.values()) == {form for forms in FORMS.values() for form in forms}


@pytest.mark.parametrize("view", VIEWS)
def test_text_is_as_kept(view: str, city: Any, run: Any) -> None:
    _, operation = city(view)
    ran = run("plan", "--view", view, "inf-bas")
    assert_same(f"plan-{view}.txt", ran.out)
    assert (ran.exit_code, ran.err) == (0, "")
    ((_, options),) = operation.calls
    assert options == {"systems": ("inf-bas",)}


@pytest.mark.parametrize("view", VIEWS)
def test_json_is_as_kept_whatever_the_form(view: str, city: Any, run: Any) -> None:
    city(view)
    ran = run("plan", "--view", view, "-o", "json")
    assert_same(f"plan-{view}.json", ran.out)
    assert (ran.exit_code, ran.err) == (0, "")
    for form in FORMS[view][1:]:
        assert run("plan", "--view", view, "--format", form, "-o", "json") == ran


def test_every_path_is_shown_with_verbose(city: Any, run: Any) -> None:
    city("flows")
    assert_same("plan-flows-verbose.txt", run("plan", "--view", "flows", "-v").out)


def test_a_need_above_the_ceiling_is_marked(city: Any, fake: Any, run: Any) -> None:
    report, _ = city("quota")
    (first, *others) = (each for each in report.tenants if each.ceiling.cores)
    assert others == []
    low = replace(first, ceiling=replace(first.ceiling, cores=1), above=("cores",))
    fake("plan.quota", replace(report, tenants=(low,)))
    *_, last = run("plan", "--view", "quota").out.splitlines()
    assert last.split() == [
        "szfb",
        "市政府办公室",
        "1",
        "2/1",
        "1/64",
        *["✗", "above", "its", "ceiling"],
    ]


@pytest.mark.parametrize(("view", "form"), MAKERS)
def test_a_document_goes_to_standard_output(view: str, form: str, city: Any, run: Any) -> None:
    report, _ = city(view)
    ran = run("plan", "--view", view, "--format", form)
    assert (ran.exit_code, ran.out, ran.err) == (0, document(view, form, report), "")


@pytest.mark.parametrize(
    ("view", "name", "form"),
    [
        ("topology", "city.svg", "svg"),
        ("topology", "city.MMD", "mermaid"),
        ("flows", "flows.csv", "csv"),
        ("flows", "flows.txt", "text"),
    ],
)
def test_a_file_is_in_the_form_that_its_name_says(
    view: str, name: str, form: str, city: Any, run: Any
) -> None:
    report, _ = city(view)
    ran = run("plan", "--view", view, "--to", name)
    content = Path(name).read_bytes()
    assert (ran.exit_code, ran.err) == (0, "")
    assert ran.out == f"✓ {view} as {form} in {name} · {len(content):,} bytes\n"
    expected = (
        (DATA / "plan-flows.txt").read_text().removesuffix(HINT)
        if form == TEXT
        else document(view, form, report)
    )
    assert content.decode() == expected


HINT = "\nevery path with -v, or as a table with --format csv\n"


def test_a_written_file_is_told_in_json(city: Any, run: Any) -> None:
    city("topology")
    ran = run("plan", "--view", "topology", "--to", "city", "--format", "svg", "-o", "json")
    ET.fromstring(Path("city").read_text(encoding="utf-8"))
    assert json.loads(ran.out)["data"] == {
        "path": "city",
        "view": "topology",
        "form": "svg",
        "size": Path("city").stat().st_size,
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "svg"), "systems cannot be had as svg: give --view topology"),
        (
            ("--view", "topology", "--format", "csv"),
            "topology cannot be had as csv: give --view flows or quota or addresses",
        ),
        (("--to", "city.pdf"), "the name city.pdf does not tell the form: give --format"),
        (("--to", "inventories"), "File 'inventories' is a directory"),
    ],
)
def test_what_cannot_be_is_refused(
    words: tuple[str, ...], said: str, fake: Any, run: Any, reports: Any
) -> None:
    operation = fake("plan.plan", reports.plan)
    ran = run("plan", *words)
    assert (ran.exit_code, ran.out, operation.calls) == (2, "", [])
    assert said in ran.err


def test_a_file_that_cannot_be_written_is_an_error(city: Any, run: Any) -> None:
    city("topology")
    ran = run("plan", "--view", "topology", "--to", "none/city.svg")
    assert (ran.exit_code, ran.out) == (2, "")
    assert ran.err == (
        "error: none/city.svg cannot be written: No such file or directory\n"
        " hint: name a file in a folder that is there and that you may write to\n"
    )
