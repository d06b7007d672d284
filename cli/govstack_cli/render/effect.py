"""Text of what was rebuilt, and of why systems would be run again."""

from collections import Counter
from typing import Final

from rich.text import Text

from govstack.operations.reports_effect import (
    RebuildReport,
    RebuiltNode,
    Stand,
    SystemReason,
    WhyReport,
)
from govstack.values.observer import Outcome
from govstack_cli.render.columns import Row, aligned
from govstack_cli.render.look import GOOD, HEADING, OUTCOME_STYLES, QUIET, Look
from govstack_cli.render.words import duration, marked, plural, title_line

STANDS: Final = {
    Stand.UNCHANGED: "nothing is different",
    Stand.NEVER_RUN: "it was never run",
    Stand.UNFINISHED: "its last run did not end well",
    Stand.MOVED: "it was renamed, or moved to another layer",
    Stand.CHANGED: "it was last run by a govstack that kept no parts",
    Stand.TOUCHED: "its state is not what the last run left: somebody used pulumi itself",
}
OURS: Final = {
    "code": "the code of govstack",
    "sdk.pulumi": "the version of pulumi",
    "sdk.pulumi-openstack": "the version of pulumi-openstack",
}
"""Parts that are not the site's, in words."""

OUTCOMES: Final = {
    Outcome.DONE: "rebuilt",
    Outcome.UNCHANGED: "was so already",
    Outcome.FAILED: "failed",
    Outcome.SKIPPED: "left",
}


def rebuild_lines(report: RebuildReport, look: Look) -> list[Text]:
    """Return each node with its images and how it ended."""
    if not report.confirmed:
        return [Text("nothing was changed, as you wished")]
    if not report.nodes:
        return [
            Text.assemble(
                (look.glyphs.done, GOOD),
                f" nothing to do: all nodes of {report.name} ({report.environment}) that were "
                "named were born from what is declared",
            )
        ]
    lines = [title_line(report.name, report.site, report.environment, look)]
    lines += aligned([_node_row(node, look) for node in report.nodes], indent=2)
    counts = Counter(node.outcome for node in report.nodes)
    parts = [
        Text(f"{counts[outcome]:,} {word}", style=OUTCOME_STYLES[outcome])
        for outcome, word in OUTCOMES.items()
        if counts[outcome]
    ]
    total = Text.assemble((f"{plural(len(report.nodes), 'node')}: ", HEADING))
    total.append(Text(", ").join(parts)).append(f"  {duration(report.seconds)}", style=QUIET)
    return [*lines, Text(), total]


def rebuild_question_lines(report: RebuildReport, look: Look) -> list[Text]:
    """Return which nodes would be rebuilt."""
    lines = [
        title_line(report.name, report.site, report.environment, look),
        Text(
            f"What is on the root disks of these nodes would be lost, {report.at_once} at a time:"
        ),
    ]
    rows: list[Row] = [(node.id, node.name, _images(node)) for node in report.nodes]
    return [*lines, *aligned(rows, indent=2)]


def why_lines(report: WhyReport, look: Look) -> list[Text]:
    """Return for each system why it would be run again."""
    lines = [title_line(report.name, report.site, report.environment, look)]
    if not report.systems:
        number = plural(report.unchanged, "system")
        lines.append(Text(f"  nothing is different: {number} as last run"))
        return lines
    for system in report.systems:
        lines += [Text(), *_reason_lines(system)]
    if report.unchanged:
        number = plural(report.unchanged, "other system")
        lines += [Text(), Text(f"{number} unchanged", style=QUIET)]
    return lines


def _node_row(node: RebuiltNode, look: Look) -> Row:
    style = OUTCOME_STYLES[node.outcome]
    return (
        marked(look.glyphs.outcome(node.outcome), style, node.name),
        _images(node),
        Text(OUTCOMES[node.outcome], style=style),
        Text(duration(node.seconds) if node.seconds else "", style=QUIET),
    )


def _images(node: RebuiltNode) -> Text:
    return Text(f"{node.born} -> {node.declared}", style=QUIET)


def _reason_lines(system: SystemReason) -> list[Text]:
    head = Text.assemble((system.id, HEADING), f"  {system.name}")
    if not system.parts:
        return [head, Text(f"  {STANDS[system.stand]}")]
    declared = [part for part in system.parts if part not in OURS]
    ours = [OURS[part] for part in system.parts if part in OURS]
    rows: list[Row] = []
    if declared:
        rows.append((Text("declared", style=QUIET), ", ".join(declared)))
    if ours:
        rows.append((Text("besides", style=QUIET), ", ".join(ours)))
    return [head, *aligned(rows, indent=2)]
