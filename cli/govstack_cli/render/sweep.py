"""Text of a sweep: what is in the cloud and in no state, and what became of it."""

import sys
from typing import Final

from rich.text import Text

from govstack.operations.sweep_report import Fate, SweepReport, SweptThing
from govstack_cli.render.columns import Row, aligned
from govstack_cli.render.console import console_for, show
from govstack_cli.render.look import BAD, CAREFUL, GOOD, NEXT, QUIET, Look
from govstack_cli.render.words import plural, title_line
from govstack_cli.settings import Settings

STYLES: Final = {
    Fate.FOUND: CAREFUL,
    Fate.REMOVED: GOOD,
    Fate.KEPT: QUIET,
    Fate.FAILED: BAD,
}


def sweep_lines(report: SweepReport, look: Look) -> list[Text]:
    """Return what was found and what became of it."""
    if not report.confirmed:
        return [Text("nothing was changed, as you wished")]
    if not report.things:
        place = f"{report.name} ({report.environment})"
        return [
            Text.assemble(
                (look.glyphs.done, GOOD), f" the state knows all of {place} that is in the cloud"
            ),
        ]
    lines = [
        title_line(report.name, report.site, report.environment, look, "in the cloud, in no state"),
        Text(),
        *_thing_lines(report),
        Text(),
        _total(report),
    ]
    if report.checked and report.having(Fate.FOUND):
        command = Text(f"govstack{look.again} sweep", style=NEXT)
        lines.append(Text.assemble("  to remove what was found: ", command))
    return lines


def show_sweep(report: SweepReport, settings: Settings) -> None:
    """Show on stderr what the user is going to be asked about."""
    console = console_for(sys.stderr, settings.color)
    show([*_thing_lines(report), Text(), _total(report)], console)
    console.print()


def _thing_lines(report: SweepReport) -> list[Text]:
    return aligned([_row(each) for each in report.things], indent=2)


def _row(thing: SweptThing) -> Row:
    return (
        Text(thing.fate.value, style=STYLES[thing.fate]),
        thing.kind,
        thing.name,
        Text(thing.id, style=QUIET),
        Text(thing.project, style=QUIET),
        thing.reason,
    )


def _total(report: SweepReport) -> Text:
    counts = [(fate, len(report.having(fate))) for fate in Fate]
    parts = [Text(f"{number} {fate}", style=STYLES[fate]) for fate, number in counts if number]
    return Text.assemble(f"{plural(len(report.things), 'thing')}: ", Text(", ").join(parts))
