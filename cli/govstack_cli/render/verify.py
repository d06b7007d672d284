"""Text of a verification: what was tried, and what was not as it should be."""

from typing import Final

from rich.text import Text

from govstack.operations.verify_report import Finding, VerifyReport
from govstack_cli.render.look import BAD, CAREFUL, GOOD, NEXT, QUIET, Look
from govstack_cli.render.words import plural, title_line

MANY: Final = 20


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
    if report.unasked:
        names = ", ".join(report.unasked)
        text = f"  not asked, since no flow lets operators come there: {names}"
        lines.append(Text(text, style=CAREFUL))
    return lines


def _finding_lines(finding: Finding, look: Look) -> list[Text]:
    lines = [
        Text.assemble(
            ("  ", ""),
            (look.glyphs.failed, BAD),
            f" from {finding.host} to {finding.subject}: ",
            (f"expected {finding.expected}, seen: {finding.seen}", BAD),
        )
    ]
    if finding.why:
        lines.append(Text(f"      {finding.why}", style=QUIET))
    if finding.hint:
        lines.append(Text(f"      {finding.hint}", style=NEXT))
    return lines


def _total(report: VerifyReport, look: Look) -> Text:
    tried = ", ".join(f"{number:,} {probe}" for probe, number in report.tried.items())
    place = f"{tried} tried from {plural(report.hosts, 'host')} in {report.seconds:.0f} s"
    if not report.findings:
        return Text.assemble((look.glyphs.done, GOOD), f" all is as the site says: {place}")
    said = "1 thing is" if len(report.findings) == 1 else f"{len(report.findings):,} things are"
    return Text.assemble((look.glyphs.failed, BAD), f" {said} not as the site says: {place}")
