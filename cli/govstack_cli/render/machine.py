"""Text of what runs on this machine: doctor and the embedded cloud."""

from typing import Final

from rich.text import Text

from govstack.operations.report_machine import Check, DoctorReport, SandboxReport, Verdict
from govstack_cli.render.columns import Row, aligned
from govstack_cli.render.failure import hint_lines
from govstack_cli.render.look import BAD, CAREFUL, GOOD, HEADING, QUIET, Look
from govstack_cli.render.words import (
    command_lines,
    marked,
    openstack_command,
    plural,
)

STYLES: Final = {Verdict.OK: GOOD, Verdict.WARNING: CAREFUL, Verdict.FAILED: BAD}
STATE_STYLES: Final = {"running": GOOD, "failed": BAD}


MEANT_FOR: Final = "development and tests"


def doctor_lines(report: DoctorReport, look: Look) -> list[Text]:
    """Return every check, what to mend below it, and a verdict."""
    lines: list[Text] = []
    heads = aligned([_check_row(check, look) for check in report.checks])
    for check, head in zip(report.checks, heads, strict=True):
        lines.append(head)
        if check.verdict is not Verdict.OK:
            lines += hint_lines(check.mend, indent=4)
    return [*lines, Text(), _verdict_line(report, look)]


def sandbox_lines(report: SandboxReport, look: Look) -> list[Text]:
    """Return how the embedded cloud is, its services, and how to speak to it."""
    style = STATE_STYLES.get(report.state, CAREFUL)
    head = Text.assemble(
        ("embedded cloud", HEADING), f" of {report.site}", look.glyphs.dot, report.environment
    )
    lines = [head.append(": ").append(report.state, style=style)]
    facts = [
        ("identity service", report.auth_url),
        ("folder", report.root),
        ("servers", report.hosts),
        ("faults", "; ".join(report.faults)),
    ]
    if report.services:
        facts.append(("meant for", MEANT_FOR))
    lines += aligned([fact for fact in facts if fact[1]], indent=2)
    if report.services:
        titles = ("service", "state", "port", "pid", "restarts", "memory")
        rows: list[Row] = [tuple(Text(title, style=QUIET) for title in titles)]
        rows += _service_rows(report)
        lines += [Text(), *aligned(rows, indent=2, right={2, 3, 4, 5})]
    if report.clouds and report.services and not look.quiet:
        command = openstack_command(report.clouds, report.cloud, report.client)
        commands = [("its servers", command)]
        if report.dns_port and report.dns_domain:
            question = f"dig @127.0.0.1 -p {report.dns_port} SERVICE.SYSTEM.{report.dns_domain}"
            commands.append(("a name's address", question))
        lines += [Text(), *command_lines(commands)]
    return lines


def _check_row(check: Check, look: Look) -> Row:
    symbols = {
        Verdict.OK: look.glyphs.done,
        Verdict.WARNING: look.glyphs.warning,
        Verdict.FAILED: look.glyphs.failed,
    }
    return (
        marked(symbols[check.verdict], STYLES[check.verdict], check.name),
        Text(check.purpose, style=QUIET),
        check.found,
    )


def _verdict_line(report: DoctorReport, look: Look) -> Text:
    verdicts = [check.verdict for check in report.checks]
    failed, warned = verdicts.count(Verdict.FAILED), verdicts.count(Verdict.WARNING)
    if failed:
        return Text(f"{look.glyphs.failed} {plural(failed, 'thing')} to mend", style=BAD)
    if warned:
        text = f"{look.glyphs.warning} works, with {plural(warned, 'warning')}"
        return Text(text, style=CAREFUL)
    return Text.assemble((look.glyphs.done, GOOD), " all is well")


def _service_rows(report: SandboxReport) -> list[Row]:
    return [
        (
            service.name,
            Text(service.state, style=STATE_STYLES.get(service.state, CAREFUL)),
            str(service.port or ""),
            str(service.pid or ""),
            str(service.restarts),
            f"{service.memory_mb} MB" if service.memory_mb else "",
        )
        for service in report.services
    ]
