"""Text of a verification: what was tried, and what was not as it should be."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Final

from rich.text import Text

from govstack.operations.verify_report import (
    Finding,
    ListedProbe,
    ProbeList,
    VerifyChange,
    VerifyReport,
)
from govstack_cli.render.columns import aligned
from govstack_cli.render.look import BAD, CAREFUL, GOOD, HEADING, NEXT, QUIET, Look
from govstack_cli.render.words import plural, title_line

MANY: Final = 20
SOME: Final = 3
"""How many of a long list are named."""
PLACES: Final = {
    "self": "from the host itself",
    "peer": "from its copies",
    "user": "from each system that has a password there",
    "client": "from a host that may reach it",
    "clients": "from each system that may reach it",
}


def verify_lines(report: VerifyReport, look: Look) -> list[Text]:
    """Return the findings, one below the other, and what was tried in all."""
    shown = report.findings if look.verbose else report.findings[:MANY]
    lines = [
        title_line(report.name, report.site, report.environment, look, "verified"),
        Text(),
        *(line for finding in shown for line in _finding_lines(finding, look)),
    ]
    if len(shown) < len(report.findings):
        more = len(report.findings) - len(shown)
        lines.append(Text(f"  and {more:,} more; --verbose shows all", style=QUIET))
    if report.findings:
        lines.append(Text())
    lines.append(_total(report, look))
    lines += _left_lines(report, look)
    return lines


def change_lines(change: VerifyChange, look: Look) -> list[Text]:
    """Return what is no longer, and what is again, as it should be."""
    when = f"{datetime.fromisoformat(change.when).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if change.trouble:
        return [Text.assemble((when, HEADING), (f"  not verified: {change.trouble}", CAREFUL))]
    now = (
        (f"{plural(change.left, 'thing')} not as the site says", BAD)
        if change.left
        else ("all is as the site says", GOOD)
    )
    return [
        Text.assemble((when, HEADING), "  ", now),
        *(line for finding in change.appeared for line in _finding_lines(finding, look)),
        *(_mended_line(finding, look) for finding in change.mended),
    ]


def probe_lines(report: ProbeList, look: Look) -> list[Text]:
    """Return the probes by role: what is so if all is well, and from where it is tried."""
    lines = [title_line(report.name, report.site, report.environment, look, "probes")]
    rows = iter(aligned([_probe_row(probe) for probe in report.probes], indent=2))
    for role, probes in groupby(report.probes, key=lambda one: one.probe.partition(".")[0]):
        found = list(probes)
        hosts = plural(found[0].hosts, "host")
        lines += [Text(), Text.assemble((role, HEADING), (f"  {hosts}", QUIET))]
        lines += [next(rows) for _ in found]
    return lines


def _probe_row(probe: ListedProbe) -> tuple[Text, Text, Text]:
    disturbs = ", with --disturb only" if probe.disturbs else ""
    place = Text(f"{PLACES[probe.asked_from]}{disturbs}", style=CAREFUL if disturbs else QUIET)
    return Text(probe.probe), Text(probe.title), place


def _finding_lines(finding: Finding, look: Look) -> list[Text]:
    where = f"from {finding.host}" + (f" to {finding.subject}" if finding.subject else "")
    lines = [
        Text.assemble(
            ("  ", ""),
            (look.glyphs.failed, BAD),
            f" {where}: ",
            (f"expected {finding.expected}, seen: {finding.seen}", BAD),
        )
    ]
    if finding.why:
        name = "" if finding.probe in {"paths", "login"} else f"{finding.probe}: "
        lines.append(Text(f"      {name}{finding.why}", style=QUIET))
    if finding.hint:
        lines.append(Text(f"      {finding.hint}", style=NEXT))
    return lines


def _mended_line(finding: Finding, look: Look) -> Text:
    where = f"from {finding.host}" + (f" to {finding.subject}" if finding.subject else "")
    said = f" {where}: as it should be again"
    name = f"  {finding.probe}: {finding.why}"
    return Text.assemble("  ", (look.glyphs.done, GOOD), said, (name, QUIET))


def _total(report: VerifyReport, look: Look) -> Text:
    tried = ", ".join(
        plural(number, kind.removesuffix("s")) for kind, number in report.tried.items()
    )
    tried = tried or "nothing"
    place = f"{tried} tried from {plural(report.hosts, 'host')} in {report.seconds:.0f} s"
    if not report.findings:
        return Text.assemble((look.glyphs.done, GOOD), f" all is as the site says: {place}")
    said = "1 thing is" if len(report.findings) == 1 else f"{len(report.findings):,} things are"
    return Text.assemble((look.glyphs.failed, BAD), f" {said} not as the site says: {place}")


def _left_lines(report: VerifyReport, look: Look) -> Iterator[Text]:
    """Yield what was not tried, and why."""
    if report.unasked:
        names = ", ".join(report.unasked)
        text = f"  not asked, since no flow lets operators come there: {names}"
        yield Text(text, style=CAREFUL)
    if report.unconfigured:
        hosts = _named(report.unconfigured, look)
        text = f"  not configured, so no services were tried there: {hosts}"
        yield Text(text, style=CAREFUL)
        yield Text(f"      govstack{look.again} configure", style=NEXT)
    reasons = sorted({one.why for one in report.untried})
    for why in reasons:
        probes = tuple(sorted({one.probe for one in report.untried if one.why == why}))
        yield Text(f"  not tried, since {why}: {_named(probes, look)}", style=CAREFUL)
    for left in report.omitted if look.verbose else ():
        yield Text(f"  {left.role} is not there: {left.why}: {', '.join(left.hosts)}", style=QUIET)


def _named(names: tuple[str, ...], look: Look) -> str:
    shown = names if look.verbose else names[:SOME]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
