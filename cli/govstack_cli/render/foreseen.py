"""Text of what would happen: the preview, and what `up` and `down` ask about."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from rich.text import Text

from govstack.operations.report import RunReport, SystemReport
from govstack.values.change import Action, Change, Risk
from govstack.values.observer import Outcome
from govstack_cli.render.columns import Row, aligned
from govstack_cli.render.layers import by_layer, layer_line, layered_lines
from govstack_cli.render.look import (
    ACTION_STYLES,
    BAD,
    CAREFUL,
    GOOD,
    HEADING,
    OUTCOME_STYLES,
    QUIET,
    RISKY,
    Look,
)
from govstack_cli.render.words import (
    SHOWN_ACTIONS,
    action_counts,
    duration,
    kind_of,
    marked,
    plural,
    title_line,
)

VERBS: Final = {
    Action.CREATE: "to create",
    Action.UPDATE: "to update",
    Action.REPLACE: "to replace",
    Action.DELETE: "to delete",
}
RISKS: Final = {
    Risk.INTERRUPTION: ("interrupts service", CAREFUL),
    Risk.DATA_LOSS: ("LOSES DATA", BAD),
}
MANY: Final = 60
"""With more changes than this, a question sums up what is merely created."""


def preview_lines(report: RunReport, look: Look) -> list[Text]:
    """Return every change by layer and system, then the total."""
    return _foreseen(report, look, brief=False)


def question_lines(report: RunReport, look: Look) -> list[Text]:
    """Return what `up` is about to do, short enough to be read before answering."""
    changes = sum(len(system.changes) for system in report.systems)
    return _foreseen(report, look, brief=changes > MANY and not look.verbose)


def removal_lines(report: RunReport, look: Look) -> list[Text]:
    """Return what `down` is about to remove."""
    lines = [
        title_line(report.name, report.site, report.environment, look),
        Text("These systems would be removed, with all that is in them:", style=BAD),
    ]
    lines += layered_lines(
        report.systems,
        look,
        head=lambda system: (
            marked(look.glyphs.delete, BAD, system.id),
            system.name,
            plural(system.resources, "resource"),
            plural(len(system.nodes), "node") if system.nodes else "",
        ),
        nodes=lambda _: [],
    )
    return lines


def _foreseen(report: RunReport, look: Look, *, brief: bool) -> list[Text]:
    if not report.has_changes and not report.failures:
        return [_no_changes(report, look)]
    lines = [title_line(report.name, report.site, report.environment, look)]
    shown = [system for system in report.systems if system.outcome is not Outcome.UNCHANGED]
    for layer, systems in by_layer(shown):
        lines += [Text(), layer_line(layer, look)]
        for system in systems:
            lines += _system_lines(system, look, brief=brief)
    return [*lines, Text(), *_total_lines(report, look)]


def _no_changes(report: RunReport, look: Look) -> Text:
    number = plural(len(report.systems), "system")
    return Text.assemble(
        (look.glyphs.done, GOOD),
        f" no changes: {number} of {report.name} ({report.environment}) as declared",
        (f"  {duration(report.seconds)}", QUIET),
    )


def _system_lines(system: SystemReport, look: Look, *, brief: bool) -> Iterator[Text]:
    head = Text.assemble("  ", (system.id, HEADING), f"  {system.name}")
    if system.outcome in {Outcome.FAILED, Outcome.SKIPPED}:
        mark = f"  {look.glyphs.outcome(system.outcome)} {system.outcome}"
        head.append(mark, style=OUTCOME_STYLES[system.outcome])
    yield head
    plain = [change for change in system.changes if brief and _is_plain(change)]
    if plain:
        yield _summed_up(plain, look)
    rows = [
        _change_row(change, look)
        for change in system.changes
        if change.is_effective and change not in plain
    ]
    yield from aligned(rows, indent=4)


def _is_plain(change: Change) -> bool:
    return change.action is Action.CREATE and change.risk is Risk.NONE


def _summed_up(changes: list[Change], look: Look) -> Text:
    kinds = Counter(kind_of(change.type) for change in changes)
    text = ", ".join(f"{number} {kind}" for kind, number in kinds.most_common())
    return Text.assemble("    ", (look.glyphs.create, GOOD), f" {text}")


def _change_row(change: Change, look: Look) -> Row:
    symbol = (f"{look.glyphs.action(change.action)} ", ACTION_STYLES[change.action])
    cause = f"because of {', '.join(change.cause)}" if change.cause else ""
    risk = Text()
    if change.risk in RISKS:
        text, style = RISKS[change.risk]
        risk = Text(f"{look.glyphs.warning} {text}", style=style)
    kind = Text.assemble(symbol, kind_of(change.type))
    return (kind, change.name, Text(cause, style=QUIET), risk)


def _total_lines(report: RunReport, look: Look) -> Iterator[Text]:
    changes = [change for system in report.systems for change in system.changes]
    counts = action_counts(changes)
    parts = [
        Text(
            f"{look.glyphs.action(action)} {counts[action]:,} {VERBS[action]}",
            style=ACTION_STYLES[action],
        )
        for action in SHOWN_ACTIONS
        if counts[action]
    ]
    total = Text(", ").join(parts) if parts else Text("no changes")
    unchanged = sum(system.outcome is Outcome.UNCHANGED for system in report.systems)
    number = plural(len(report.systems), "system")
    rest = f"; {unchanged:,} of {number} unchanged" if unchanged else ""
    seconds = f"  {duration(report.seconds)}"
    yield Text.assemble(("Total: ", HEADING), total, (rest, QUIET), (seconds, QUIET))
    yield from _risk_lines(changes, look)


def _risk_lines(changes: Iterable[Change], look: Look) -> Iterator[Text]:
    risks = Counter(change.risk for change in changes)
    mark = look.glyphs.warning
    if risks[Risk.DATA_LOSS]:
        number = plural(risks[Risk.DATA_LOSS], "change loses", "changes lose")
        yield Text(f"{mark} {number} data", style=BAD)
    if risks[Risk.INTERRUPTION]:
        number = plural(risks[Risk.INTERRUPTION], "change interrupts", "changes interrupt")
        yield Text(f"{mark} {number} service", style=RISKY)
