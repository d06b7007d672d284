"""Text of what a run did: the cloud as it is now after `up`, what is gone after `down`."""

from typing import Final

from rich.text import Text

from govstack.operations.report import RunReport, SystemReport
from govstack.values.observer import Outcome
from govstack_cli.render.columns import Row
from govstack_cli.render.foreseen import preview_lines
from govstack_cli.render.layers import layered_lines, node_rows
from govstack_cli.render.look import GOOD, HEADING, OUTCOME_STYLES, QUIET, Look
from govstack_cli.render.words import (
    PLATFORM,
    action_counts,
    command_lines,
    counts_text,
    duration,
    marked,
    openstack_command,
    plural,
    title_line,
)

MANY_NODES: Final = 60
"""In a cloud with more nodes than this, only those of systems that changed are listed."""


def run_lines(report: RunReport, look: Look) -> list[Text]:
    """Return what `preview` foresaw, or what `up` or `down` did."""
    if not report.confirmed:
        return [Text("nothing was changed, as you wished")]
    if report.verb == "preview":
        return preview_lines(report, look)
    if not report.has_changes and not report.failures:
        return [_nothing_done(report, look)]
    lines = [title_line(report.name, report.site, report.environment, look)]
    lines += layered_lines(
        report.systems,
        look,
        head=lambda system: _head_row(system, look),
        nodes=lambda system: _shown_nodes(report, system),
        right={3},
    )
    lines += [Text(), _total_line(report, look)]
    if report.verb == "up" and not look.quiet and not report.failures:
        lines += [Text(), *next_lines(report, look)]
    return lines


def _nothing_done(report: RunReport, look: Look) -> Text:
    number = plural(len(report.systems), "system")
    if report.verb == "down":
        state = f"nothing of {report.name} ({report.environment}) is in the cloud"
    else:
        state = f"{number} of {report.name} ({report.environment}) as declared"
    return Text.assemble(
        (look.glyphs.done, GOOD),
        f" nothing to do: {state}",
        (f"  {duration(report.seconds)}", QUIET),
    )


def _shown_nodes(report: RunReport, system: SystemReport) -> list[Row]:
    many = sum(len(other.nodes) for other in report.systems) > MANY_NODES
    if report.verb == "down" or (many and system.outcome is not Outcome.DONE):
        return []
    return node_rows(system.nodes)


def _head_row(system: SystemReport, look: Look) -> Row:
    style = OUTCOME_STYLES[system.outcome]
    counts = counts_text(action_counts(system.changes), look.glyphs)
    if not counts or system.outcome in {Outcome.FAILED, Outcome.SKIPPED}:
        counts = Text(system.outcome.value, style=style)
    seconds = duration(system.seconds) if system.seconds else ""
    return (
        marked(look.glyphs.outcome(system.outcome), style, system.id),
        system.name,
        counts,
        Text(seconds, style=QUIET),
    )


def _total_line(report: RunReport, look: Look) -> Text:
    counts = counts_text(
        action_counts(change for system in report.systems for change in system.changes),
        look.glyphs,
    )
    outcomes = [system.outcome for system in report.systems]
    words = {
        Outcome.DONE: "removed" if report.verb == "down" else "changed",
        Outcome.UNCHANGED: "unchanged",
        Outcome.FAILED: "failed",
        Outcome.SKIPPED: "skipped",
    }
    parts = [
        Text(f"{outcomes.count(outcome):,} {word}", style=OUTCOME_STYLES[outcome])
        for outcome, word in words.items()
        if outcome in outcomes
    ]
    systems = Text(", ").join(parts)
    gap = "  " if counts else ""
    return Text.assemble(
        (f"{plural(len(outcomes), 'system')}: ", HEADING),
        systems,
        gap,
        counts,
        (f"  {duration(report.seconds)}", QUIET),
    )


def next_lines(report: RunReport, look: Look) -> list[Text]:
    """Return commands that look further."""
    named = [system.id for system in report.systems if system.nodes]
    commands = [("systems, nodes, addresses", f"govstack{look.again} status")]
    if named:
        commands.append((f"outputs of {named[0]}", f"govstack{look.again} outputs {named[0]}"))
    if report.clouds:
        project = named[0] if named else PLATFORM
        commands.append(
            (f"servers of {project}", openstack_command(report.clouds, project, report.client))
        )
    return command_lines(commands)
