"""Text of what was done to hosts."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from rich.text import Text

from govstack.operations.report_configure import ConfiguredHost, ConfigureReport
from govstack.values.observer import Outcome
from govstack_cli.render.columns import Row, aligned
from govstack_cli.render.layers import by_layer, layer_line
from govstack_cli.render.look import GOOD, HEADING, OUTCOME_STYLES, QUIET, Look
from govstack_cli.render.words import duration, marked, plural, title_line


def configure_lines(report: ConfigureReport, look: Look) -> list[Text]:
    """Return the hosts by layer and system with what was changed on them, then a count."""
    if not report.confirmed:
        return [Text("nothing was changed, as you wished")]
    outcomes = Counter(host.outcome for host in report.hosts)
    if set(outcomes) <= {Outcome.UNCHANGED}:
        return [_nothing_done(report, look)]
    checked = "nothing was changed" if report.check else ""
    lines = [title_line(report.name, report.site, report.environment, look, checked)]
    rows = iter(aligned([_row(host, report, look) for host in report.hosts], indent=2))
    row_of = dict(zip((host.name for host in report.hosts), rows, strict=True))
    for layer, hosts in by_layer(report.hosts):
        lines += [Text(), layer_line(layer, look)]
        for host in hosts:
            lines += [row_of[host.name], *_tasks(host, look)]
    lines += [Text(), _total_line(report, outcomes, look)]
    if look.verbose and report.folder:
        lines.append(Text(f"  what was run, and what it did: {report.folder}", QUIET))
    return lines


def _nothing_done(report: ConfigureReport, look: Look) -> Text:
    hosts = plural(len(report.hosts), "host")
    return Text.assemble(
        (look.glyphs.done, GOOD),
        f" nothing to do: {hosts} of {report.name} ({report.environment}) as declared",
        (f"  {duration(report.seconds)}", QUIET),
    )


def _row(host: ConfiguredHost, report: ConfigureReport, look: Look) -> Row:
    style = OUTCOME_STYLES[host.outcome]
    number = len(host.tasks)
    if host.outcome is Outcome.DONE:
        verb = "would change" if report.check else "changed"
        words = Text(f"{number:,} {verb}" if number else "as it was")
    else:
        words = Text(host.outcome.value, style=style)
    seconds = duration(host.seconds) if host.seconds else ""
    return (
        marked(look.glyphs.outcome(host.outcome), style, host.name),
        host.system_name,
        words,
        Text(seconds, style=QUIET),
    )


def _tasks(host: ConfiguredHost, look: Look) -> Iterator[Text]:
    """Yield which roles changed how much; every task if that was asked, or has a difference."""
    shown = look.verbose or any(task.diff for task in host.tasks)
    if not shown:
        return
    for role, tasks in groupby(host.tasks, key=lambda task: task.role):
        for task in tasks:
            yield Text.assemble(f"      {role}: ", (task.task, HEADING))
            for line in task.diff.splitlines():
                yield Text(f"        {line}", style=_diff_style(line))


def _diff_style(line: str) -> str:
    if line.startswith("+"):
        return GOOD
    return "red" if line.startswith("-") else QUIET


def _total_line(report: ConfigureReport, outcomes: Counter[Outcome], look: Look) -> Text:
    words = {
        Outcome.DONE: "checked" if report.check else "configured",
        Outcome.UNCHANGED: "as they were left",
        Outcome.FAILED: "failed",
        Outcome.SKIPPED: "skipped",
    }
    parts = [
        Text(f"{outcomes[outcome]:,} {word}", style=OUTCOME_STYLES[outcome])
        for outcome, word in words.items()
        if outcomes[outcome]
    ]
    changes = sum(len(host.tasks) for host in report.hosts)
    return Text.assemble(
        (f"{plural(len(report.hosts), 'host')}: ", HEADING),
        Text(", ").join(parts),
        f"{look.glyphs.dot}{plural(changes, 'change')}",
        (f"  {duration(report.seconds)}", QUIET),
    )
