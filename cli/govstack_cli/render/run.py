"""Text of what a run did: the cloud as it is now after `up`, what is gone after `down`."""

from collections.abc import Iterator
from typing import Final

from rich.text import Text

from govstack.operations.report import NodeReport, RunReport, SystemReport
from govstack.values.observer import Outcome
from govstack_cli.render.columns import Row, aligned
from govstack_cli.render.foreseen import preview_lines
from govstack_cli.render.look import GOOD, HEADING, OUTCOME_STYLES, QUIET, Look
from govstack_cli.render.words import (
    action_counts,
    by_layer,
    command_lines,
    counts_text,
    duration,
    layer_line,
    plural,
    title_line,
)

MANY_NODES: Final = 60
"""In a cloud with more nodes than this, only those of systems that changed are listed."""

PLATFORM: Final = "platform"


def run_lines(report: RunReport, look: Look) -> list[Text]:
    """Return what `preview` foresaw, or what `up` or `down` did."""
    if not report.confirmed:
        return [Text("nothing was changed, as you wished")]
    if report.verb == "preview":
        return preview_lines(report, look)
    if not report.has_changes and not report.failures:
        return [_nothing_done(report, look)]
    lines = [title_line(report.name, report.site, report.environment, look)]
    for layer, systems in by_layer(report.systems):
        lines += [Text(), layer_line(layer, look), *_layer_lines(report, systems, look)]
    lines += [Text(), _total_line(report, look)]
    if report.verb == "up" and not look.quiet and not report.failures:
        lines += [Text(), *_next_lines(report, look)]
    return lines


def node_rows(nodes: tuple[NodeReport, ...]) -> list[Row]:
    """Return the rows of a system's nodes: zone, name, address, floating IP."""
    return [(node.zone, node.name, node.address, node.floating_ip) for node in nodes]


def openstack_command(clouds: str, cloud: str, client: str = "openstack") -> str:
    """Return the command line that lists a project's servers with OpenStack's own client."""
    return f"OS_CLIENT_CONFIG_FILE={clouds} {client} --os-cloud {cloud} server list"


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


def _layer_lines(report: RunReport, systems: list[SystemReport], look: Look) -> Iterator[Text]:
    heads = aligned([_head_row(system, look) for system in systems], indent=2, right={4})
    rows = [row for system in systems for row in _shown_nodes(report, system)]
    nodes = iter(aligned(rows, indent=6))
    for system, head in zip(systems, heads, strict=True):
        yield head
        for _ in _shown_nodes(report, system):
            yield next(nodes)


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
        Text(look.glyphs.outcome(system.outcome), style=style),
        Text(system.id, style=HEADING),
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


def _next_lines(report: RunReport, look: Look) -> list[Text]:
    named = [system.id for system in report.systems if system.nodes]
    commands = [(f"govstack{look.again} status", "all systems, nodes and addresses")]
    if named:
        commands.append(
            (f"govstack{look.again} outputs {named[0]}", "what a system gives to others")
        )
    if report.clouds:
        project = named[0] if named else PLATFORM
        commands.append((openstack_command(report.clouds, project), ""))
    return [Text("Where to look next", style=HEADING), *command_lines(commands)]
