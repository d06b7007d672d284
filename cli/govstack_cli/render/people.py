"""Text of people: who has accounts, and what one of them logs in with."""

from collections import Counter
from typing import Final

from rich.text import Text

from govstack.operations.report_people import Kind, PeopleReport, PersonReport, ShownSecret
from govstack_cli.render.columns import Row, aligned
from govstack_cli.render.look import BAD, CAREFUL, GOOD, HEADING, QUIET, Look
from govstack_cli.render.words import command_lines, plural, title_line

TITLES: Final = {
    "system": "System administrators 系统管理员",
    "security": "Security administrators 安全管理员",
    "audit": "Audit administrators 审计管理员",
    "": "People who sign in to applications",
}
WHAT: Final = {Kind.CODES: "codes", Kind.PASSWORD: "password"}


def people_lines(report: PeopleReport, look: Look) -> list[Text]:
    """Return people by duty."""
    lines = [title_line(report.name, report.site, report.environment, look)]
    for duty, title in TITLES.items():
        found = [person for person in report.people if person.duty == duty]
        if found:
            lines += [Text(), Text(title, style=HEADING)]
            lines += aligned([_row(person, look) for person in found], indent=2, right={4})
    counts = Counter(person.is_in_force for person in report.people)
    number = Text(plural(len(report.people), "account"), style=HEADING)
    lines += [Text(), number.append(f", {counts[False]} past their day" if counts[False] else "")]
    waiting = [each for each in report.people if each.is_in_force and not each.shown]
    if waiting:
        command = f"govstack{look.again} people show {waiting[0].account}"
        lines += [Text(), *command_lines([("what a person logs in with, shown once", command)])]
    return lines


def secret_lines(report: ShownSecret, look: Look) -> list[Text]:
    """Return what a person logs in with, and what becomes of it."""
    lines = [Text.assemble((report.account, HEADING), f" {report.name}")]
    if report.kind is Kind.CODES:
        rows: list[Row] = [("application for codes", report.address), ("or by hand", report.secret)]
    else:
        rows = [("password", report.secret), ("at", report.address or "no place of this site")]
    lines += aligned(rows, indent=2)
    lines.append(Text("  It is not shown again.", QUIET))
    if report.is_new:
        lines += [
            Text(),
            *command_lines([("what makes hosts go by it", f"govstack{look.again} configure")]),
        ]
    return lines


def _row(person: PersonReport, look: Look) -> Row:
    good = person.is_in_force
    symbol = (look.glyphs.done, GOOD) if good else (look.glyphs.failed, BAD)
    given = f"{WHAT[person.kind]} shown {person.shown}" if person.shown else "not shown yet"
    ended = f"ended {person.expires}" if not good else ""
    until = f"until {person.expires}" if person.expires else ""
    return (
        Text.assemble(symbol, f" {person.account}"),
        person.name,
        person.tenant,
        Text(given, style=QUIET if person.shown else CAREFUL),
        plural(person.hosts, "host") if person.duty else "",
        ended or until,
    )
