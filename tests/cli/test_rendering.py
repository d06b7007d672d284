"""What the goldens of the verbs do not show: colours, widths, other characters, questions."""

import io
import sys
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from govstack.values.change import Action
from govstack_cli.render.columns import aligned
from govstack_cli.render.console import show
from govstack_cli.render.foreseen import question_lines, removal_lines
from govstack_cli.render.look import Look
from govstack_cli.render.text import report_lines
from govstack_cli.render.words import duration, plural


def recorded(lines: list[Text]) -> str:
    """Return what a terminal of 100 columns without colours shows."""
    console = Console(width=100, record=True, file=io.StringIO(), force_terminal=True)
    show(lines, console)
    return console.export_text(styles=False)


def test_columns_are_aligned_by_cells_not_characters() -> None:
    lines = aligned([("堡垒机", "1"), ("a", "100")], indent=2, right={1})
    assert [line.plain for line in lines] == ["  堡垒机    1", "  a       100"]
    assert {cell_len(line.plain) for line in lines} == {13}


def test_empty_columns_are_left_out() -> None:
    assert [line.plain for line in aligned([("a", "", "b"), ("c", "", "")])] == ["a  b", "c"]
    assert aligned([]) == []


def test_chinese_names_keep_the_columns_straight(reports: Any) -> None:
    text = recorded(report_lines(reports.run, Look()))
    places = {
        cell_len(line[: line.index(part)])
        for line in text.splitlines()
        for part in ("unchanged", "+2  ", "+2 ~")
        if part in line and line.startswith("  ")
    }
    assert len(places) == 1


def test_long_lines_are_not_cut_off(reports: Any) -> None:
    run = replace(reports.run, clouds="/a" * 100)
    assert "/a" * 100 in recorded(report_lines(run, Look()))


def test_nothing_is_told_by_colour_alone(reports: Any) -> None:
    everything = (reports.preview, reports.failed, reports.doctor, reports.status)
    text = recorded([line for report in everything for line in report_lines(report, Look())])
    for symbol in "+~±-!✓✗○=":
        assert symbol in text


def test_without_unicode_ascii_is_enough(
    reports: Any, fake: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    buffer = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(buffer, encoding="ascii"))
    fake("preview.preview", reports.preview)
    assert run("preview").exit_code == 0
    text = buffer.getvalue().decode("ascii")
    assert text.splitlines()[0] == "?????? yunzhou, sandbox"
    assert "\nInfrastructure\n" in text
    assert "    % Volume        yz-dat-dsjj-rdb-db-004-data" in text


def test_json_without_unicode_loses_nothing(
    reports: Any, fake: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    buffer = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(buffer, encoding="ascii"))
    fake("validate.validate", reports.validation)
    run("validate", "-o", "json")
    assert '"name": "\\u4e91\\u5dde\\u5e02' in buffer.getvalue().decode("ascii")


def test_removal_says_what_goes(reports: Any) -> None:
    assert recorded(removal_lines(reports.run, Look())) == (
        "云州市政务云 yunzhou · sandbox\n"
        "These systems would be removed, with all that is in them:\n"
        "\n"
        "Infrastructure 基础设施层\n"
        "  - platform  平台            21 resources\n"
        "  - inf-bas   堡垒机系统      6 resources   1 node\n"
        "\n"
        "Data service 数据服务层\n"
        "  - dat-rdb   关系数据库服务  14 resources  2 nodes\n"
    )


def test_a_question_about_much_sums_up_what_is_created(reports: Any) -> None:
    *_, database = reports.run.systems
    created = [change for change in database.changes if change.action is Action.CREATE]
    many = replace(database, changes=tuple(created * 40) + database.changes)
    run = replace(reports.run, systems=(many,))
    assert recorded(question_lines(run, Look())) == (
        "云州市政务云 yunzhou · sandbox\n"
        "\n"
        "Data service 数据服务层\n"
        "  dat-rdb  关系数据库服务\n"
        "    + 41 Port, 41 Instance\n"
        "    ± Volume        yz-dat-dsjj-rdb-db-004-data  because of size, volume_type"
        "  ! LOSES DATA\n"
        "    ~ Port          yz-dat-dsjj-rdb-db-004       because of security_groups"
        "    ! interrupts service\n"
        "    - SecGroupRule  yz-dat-rdb-db-old\n"
        "\n"
        "Total: + 82 to create, ~ 1 to update, ± 1 to replace, - 1 to delete  1 min 20 s\n"
        "! 1 change loses data\n"
        "! 1 change interrupts service\n"
    )
    assert len(question_lines(run, Look(verbose=True))) > 80


def test_a_large_cloud_lists_only_nodes_of_changed_systems(reports: Any) -> None:
    platform, bastion, database = reports.run.systems
    large = replace(database, changes=(), outcome=platform.outcome, nodes=database.nodes * 40)
    text = recorded(report_lines(replace(reports.run, systems=(bastion, large)), Look()))
    assert "yz-mgt-dsjj-bas-bastion-001" in text
    assert "yz-dat-dsjj-rdb-db-004" not in text


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("declined", "nothing was changed, as you wished\n"),
        ("unchanged", "✓ nothing to do: 3 systems of 云州市政务云 (sandbox) as declared  0.4 s\n"),
        (
            "nothing_left",
            "✓ nothing to do: nothing of 云州市政务云 (sandbox) is in the cloud  0.4 s\n",
        ),
        (
            "foreseen_nothing",
            "✓ no changes: 3 systems of 云州市政务云 (sandbox) as declared  0.4 s\n",
        ),
    ],
)
def test_nothing_is_one_line(kind: str, text: str, reports: Any) -> None:
    variants = {
        "declined": replace(reports.unchanged, confirmed=False),
        "unchanged": reports.unchanged,
        "nothing_left": replace(reports.unchanged, verb="down", systems=()),
        "foreseen_nothing": replace(reports.unchanged, verb="preview"),
    }
    assert recorded(report_lines(variants[kind], Look())) == text


def test_status_says_what_to_do_next(reports: Any) -> None:
    lines = report_lines(reports.status, Look(again=" -e test"))
    assert lines[-1].plain == "  pending: a run did not end well: govstack -e test up goes on"


def test_status_in_detail_says_how_to_ask_the_cloud(reports: Any) -> None:
    lines = report_lines(replace(reports.status, clouds="/a b/clouds.yaml"), Look(verbose=True))
    assert lines[-1].plain == (
        "  its servers  OS_CLIENT_CONFIG_FILE='/a b/clouds.yaml' openstack "
        "--os-cloud platform server list"
    )


def test_a_report_without_a_text_form_is_a_bug() -> None:
    with pytest.raises(TypeError, match="int has no text form"):
        report_lines(1, Look())


def test_words() -> None:
    assert [duration(seconds) for seconds in (0.04, 8.07, 59.96, 3672)] == [
        "0.0 s",
        "8.1 s",
        "1 min 0 s",
        "61 min 12 s",
    ]
    assert plural(1, "address", "addresses") == "1 address"
    assert plural(2000, "address", "addresses") == "2,000 addresses"


def test_a_failed_preview_names_what_failed_and_what_was_skipped(reports: Any) -> None:
    preview = replace(reports.failed, verb="preview")
    assert recorded(report_lines(preview, Look())) == (
        "云州市政务云 yunzhou · sandbox\n"
        "\n"
        "Infrastructure 基础设施层\n"
        "  inf-bas  堡垒机系统\n"
        "    + Port      yz-mgt-dsjj-bas-bastion-001\n"
        "    + Instance  yz-mgt-dsjj-bas-bastion-001\n"
        "\n"
        "Data service 数据服务层\n"
        "  dat-rdb  关系数据库服务  ✗ failed\n"
        "\n"
        "Application support 应用支撑层\n"
        "  app-oa  协同办公OA系统  ○ skipped\n"
        "\n"
        "Total: + 2 to create; 1 of 4 systems unchanged  1 min 20 s\n"
    )


def test_short_answers(reports: Any) -> None:
    allocation = replace(reports.allocation, added=(), written=False)
    outputs = replace(reports.outputs, systems=())
    checks = reports.doctor.checks
    absent = replace(reports.sandbox, state="absent", auth_url="", clouds="", services=())
    answers = {
        "✓ nothing to add: inventories/yunzhou/addresses.yaml holds all 12 addresses\n": allocation,
        "no outputs yet: govstack up makes them\n": outputs,
        "✓ Python  runs govstack  3.11.9\n\n✓ all is well\n": replace(
            reports.doctor, checks=checks[:1]
        ),
        (
            "! disk  the embedded cloud needs 5 GB  4 GB free\n"
            "    hint: free 1 GB below ~/.cache\n"
            "\n"
            "! works, with 1 warning\n"
        ): replace(reports.doctor, checks=checks[1:2]),
        "embedded cloud of yunzhou · sandbox: absent\n  folder  /state/cloud\n": absent,
    }
    assert {
        recorded(report_lines(report, Look())): report for report in answers.values()
    } == answers


@pytest.mark.parametrize(
    ("verb", "question"),
    [
        ("up", "Make these changes to 云州市政务云 (sandbox)?"),
        ("down", "Remove them from 云州市政务云 (sandbox)?"),
    ],
)
def test_the_question_says_what_it_is_about(
    verb: str, question: str, reports: Any, fake: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def operation(*_: Any, confirm: Any, **__: Any) -> Any:
        foreseen = replace(reports.run, verb=verb)
        return reports.result(replace(foreseen, confirmed=confirm(foreseen)))

    monkeypatch.setattr("govstack_cli.app.can_ask", lambda: True)
    monkeypatch.setattr("click.confirm", lambda text, **_: bool(asked.append(text)))
    fake(f"{verb}.{verb}", operation)
    ran = run(verb)
    assert asked == [question]
    assert ran.out == "nothing was changed, as you wished\n"
    assert ran.err.startswith("云州市政务云 yunzhou · sandbox\n")
