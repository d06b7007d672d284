"""Text of an environment as last recorded: status and outputs."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from rich.text import Text

from govstack.operations.report import (
    OutputsReport,
    State,
    StatusReport,
    SystemOutputsReport,
    SystemStatus,
)
from govstack.operations.verify_report import LastVerification
from govstack_cli.render.columns import Row, aligned
from govstack_cli.render.layers import layered_lines, node_rows
from govstack_cli.render.look import BAD, CAREFUL, GOOD, HEADING, QUIET, Look
from govstack_cli.render.words import (
    PLATFORM,
    command_lines,
    marked,
    openstack_command,
    plural,
    title_line,
)

STYLES: Final = {
    State.UP: GOOD,
    State.ABSENT: QUIET,
    State.PENDING: CAREFUL,
    State.REMOVED: BAD,
}
MEANINGS: Final = {
    State.PENDING: "a run did not end well: govstack{again} up goes on",
    State.REMOVED: "no longer in the site, still in the cloud: govstack{again} up removes it",
}
NO_OUTPUTS: Final = "no outputs yet: govstack{again} up makes them"


def status_lines(report: StatusReport, look: Look) -> list[Text]:
    """Return the systems by layer with their nodes, then a count by state.

    In detail also how to ask the cloud itself.
    """
    lines = [title_line(report.name, report.site, report.environment, look, report.cloud)]
    lines += layered_lines(
        report.systems,
        look,
        head=lambda system: _head_row(system, look),
        nodes=lambda system: node_rows(system.nodes),
    )
    lines += [Text(), *_total_lines(report, look)]
    if report.verified:
        lines.append(_verified_line(report.verified, look))
    if look.verbose and any(system.state is State.UP for system in report.systems):
        command = openstack_command(report.clouds, PLATFORM, report.client)
        lines += [Text(), *command_lines([("its servers", command)])]
    return lines


def outputs_lines(report: OutputsReport, look: Look) -> list[Text]:
    """Return every output of every system, one a line."""
    if not any(system.values for system in report.systems):
        return [Text(NO_OUTPUTS.format(again=look.again))]
    lines: list[Text] = []
    for system in report.systems:
        lines += [Text(), *_output_lines(system)] if lines else _output_lines(system)
    return lines


def _head_row(system: SystemStatus, look: Look) -> Row:
    symbols = {
        State.UP: look.glyphs.done,
        State.ABSENT: look.glyphs.skipped,
        State.PENDING: look.glyphs.warning,
        State.REMOVED: look.glyphs.delete,
    }
    style = STYLES[system.state]
    return (
        marked(symbols[system.state], style, system.id),
        system.name,
        Text(system.state.value, style=style),
        plural(system.resources, "resource") if system.resources else "",
        Text(_moment(system.updated), style=QUIET),
    )


def _moment(text: str) -> str:
    """Return a recorded time to the minute."""
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M} UTC" if text else ""


def _total_lines(report: StatusReport, look: Look) -> Iterator[Text]:
    counts = Counter(system.state for system in report.systems)
    parts = [
        Text(f"{counts[state]:,} {state}", style=STYLES[state]) for state in State if counts[state]
    ]
    number = plural(len(report.systems), "system")
    yield Text.assemble((f"{number}: ", HEADING), Text(", ").join(parts))
    for state, meaning in MEANINGS.items():
        if counts[state]:
            yield Text(f"  {state}: {meaning.format(again=look.again)}", style=STYLES[state])


def _verified_line(last: LastVerification, look: Look) -> Text:
    tried = ", ".join(f"{number:,} {kind}" for kind, number in last.tried.items())
    part = "" if last.whole else " of a part"
    when = f"last verification{part}, {_moment(last.when)}: "
    if last.findings:
        verb = "thing is" if last.findings == 1 else "things are"
        said = f"{last.findings:,} {verb} not as the site says; govstack{look.again} verify"
        return Text.assemble((when, HEADING), (said, BAD))
    return Text.assemble((when, HEADING), ("all is well", GOOD), f" ({tried})" if tried else "")


def _output_lines(system: SystemOutputsReport) -> list[Text]:
    head = Text.assemble((system.id, HEADING), f"  {system.name}")
    return [head, *aligned(list(_flat("", system.values)), indent=2)]


def _flat(path: str, value: object) -> Iterator[Row]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _flat(f"{path}.{key}" if path else str(key), item)
    elif isinstance(value, list | tuple):
        yield (Text(path), ", ".join(str(item) for item in value))
    elif path:
        yield (Text(path), "" if isinstance(value, Mapping) else str(value))
