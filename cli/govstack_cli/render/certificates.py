"""Text of certificates: how each does, what one says, what was made anew."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from rich.text import Text

from govstack.operations.report_trust import (
    CertificateReport,
    CertificatesReport,
    Kind,
    RenewalReport,
    ShownReport,
    Standing,
)
from govstack_cli.render.columns import Row, aligned
from govstack_cli.render.look import BAD, CAREFUL, GOOD, HEADING, QUIET, Look
from govstack_cli.render.words import command_lines, plural, title_line

STYLES: Final = {
    Standing.VALID: GOOD,
    Standing.DUE: CAREFUL,
    Standing.CHANGED: CAREFUL,
    Standing.EXPIRED: BAD,
    Standing.MISSING: BAD,
}
KINDS: Final = {
    Kind.AUTHORITY: "Authority",
    Kind.SERVICE: "Services",
    Kind.SSH_HOST: "Hosts, as SSH knows them",
}
NODE: Final = "_node"


def certificates_lines(report: CertificatesReport, look: Look) -> list[Text]:
    """Return all certificates by kind, then a count by state."""
    lines = [title_line(report.name, report.site, report.environment, look)]
    for kind, title in KINDS.items():
        found = [each for each in report.certificates if each.kind is kind]
        if found:
            lines += [Text(), Text(title, style=HEADING), *_rows(found, look)]
    counts = Counter(each.state for each in report.certificates)
    parts = [
        Text(f"{counts[state]:,} {state}", style=STYLES[state])
        for state in Standing
        if counts[state]
    ]
    number = plural(len(report.certificates), "certificate")
    lines += [Text(), Text.assemble((f"{number}: ", HEADING), Text(", ").join(parts))]
    if report.authority_file:
        lines.append(Text(f"  whoever is to trust them: {report.authority_file}", QUIET))
    if any(each.state is not Standing.VALID for each in report.certificates):
        command = f"govstack{look.again} certificates renew"
        lines += [Text(), *command_lines([("what needs it, made anew", command)])]
    return lines


def shown_lines(report: ShownReport, look: Look) -> list[Text]:
    """Return what each certificate says; in detail itself."""
    lines: list[Text] = []
    for each in report.certificates:
        if lines:
            lines.append(Text())
        title = Text.assemble((each.host, HEADING), f" {_service(each)}  ")
        lines.append(title.append(each.state.value, STYLES[each.state]))
        lines += aligned(_facts(each), indent=2) if each.subject else []
        if look.verbose and each.pem:
            lines += [Text(line) for line in each.pem.splitlines()]
    return lines


def renewal_lines(report: RenewalReport, look: Look) -> list[Text]:
    """Return what was made anew, and what was forgotten."""
    done = (look.glyphs.done, GOOD)
    where = f"{report.name} ({report.environment})"
    kept = f"{plural(report.kept, 'certificate')} of {where} {_is(report.kept)} good"
    if not report.made and not report.dropped:
        return [Text.assemble(done, f" nothing to do: {kept}")]
    lines = [title_line(report.name, report.site, report.environment, look)]
    lines += _rows(report.made, look) if report.made else []
    lines += [
        Text.assemble("  ", (look.glyphs.delete, CAREFUL), f" {name}: no longer needed")
        for name in report.dropped
    ]
    lines += [Text(), Text(f"{plural(len(report.made), 'certificate')} made", style=HEADING)]
    if report.kept:
        lines.append(Text(f"  {kept} already", QUIET))
    return lines


def _rows(certificates: Sequence[CertificateReport], look: Look) -> list[Text]:
    rows = [_row(each, look) for each in certificates]
    return aligned(rows, indent=2, right={4})


def _row(each: CertificateReport, look: Look) -> Row:
    style = STYLES[each.state]
    symbols = {
        Standing.VALID: look.glyphs.done,
        Standing.DUE: look.glyphs.warning,
        Standing.CHANGED: look.glyphs.warning,
    }
    return (
        Text.assemble(
            (symbols.get(each.state, look.glyphs.failed), style), f" {each.host or each.subject}"
        ),
        _service(each),
        Text(each.state.value, style=style),
        _day(each.not_after),
        plural(each.days_left, "day") if each.not_after else "",
    )


def _facts(each: CertificateReport) -> list[Row]:
    facts = {
        "subject": each.subject,
        "issuer": each.issuer,
        "names": ", ".join(each.names),
        "addresses": ", ".join(each.addresses),
        "serial": each.serial,
        "SHA-256": each.fingerprint,
        "valid": f"{each.begins} to {each.not_after}",
        "left": plural(each.days_left, "day"),
    }
    return list(facts.items())


def _service(each: CertificateReport) -> str:
    if each.kind is not Kind.SERVICE:
        return ""
    return "(the node itself)" if each.service == NODE else each.service


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _day(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%Y-%m-%d}" if moment else ""
