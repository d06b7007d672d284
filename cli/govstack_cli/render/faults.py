"""Text of the faults that calls to the embedded cloud meet."""

from rich.text import Text

from govstack.operations.faults_report import FaultsReport
from govstack_cli.render.columns import aligned
from govstack_cli.render.look import CAREFUL, GOOD, HEADING, QUIET, Look
from govstack_cli.render.words import command_lines, plural

ACTIONS = {"set": "calls meet these faults from now on", "cleared": "calls meet no faults any more"}


def faults_lines(report: FaultsReport, look: Look) -> list[Text]:
    """Return each fault with how often it has struck, and what to do next."""
    head = f"faults of the embedded cloud of {report.site} · {report.environment}"
    lines = [Text.assemble((head, HEADING), f": {report.cloud}")]
    if report.action:
        lines.append(Text.assemble((look.glyphs.done, GOOD), f" {ACTIONS[report.action]}"))
    if not report.faults:
        return lines if report.action else [*lines, Text("  no faults", style=QUIET)]
    rows = [
        (Text(each.fault, style=CAREFUL), f"struck {plural(each.struck, 'time')}")
        for each in report.faults
    ]
    lines += aligned(rows, indent=2)
    lines.append(Text(f"  seed {report.seed}, {plural(report.calls, 'call')} so far", style=QUIET))
    next_steps = [
        ("see what it does", f"govstack{look.again} up"),
        ("end it", f"govstack{look.again} sandbox faults clear"),
    ]
    return [*lines, Text(), *command_lines(next_steps)]
