"""Text of an explanation: what a setting means, its value, and where that comes from."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from rich.text import Text

from govstack.operations.report import PlannedNode
from govstack.operations.reports_site import Explanation, Saying, Setting
from govstack_cli.failure import relative
from govstack_cli.render.columns import Row, aligned
from govstack_cli.render.look import BAD, HEADING, QUIET, Look
from govstack_cli.render.words import plural

PLAIN: Final = re.compile(r"[^\s#:,\[\]{}&*!|>'\"%@`-][^#:,\[\]{}\n]*")
MANY: Final = 20
"""Of more nodes than this, only so many are shown."""

MISSING: Final = Text("missing", style=BAD)


def explanation_lines(report: Explanation, look: Look) -> list[Text]:
    """Return the meaning, then the value with its origin, then what is below or follows."""
    title = report.path or "all settings"
    lines = [Text.assemble((title, HEADING), f"  {report.meaning}")]
    if report.detail:
        lines.append(Text(f"  {report.detail}", style=QUIET))
    lines.append(Text())
    if report.allowed:
        lines += [*aligned(_fact_rows(report), indent=2), Text()]
        lines += aligned(_value_rows(report), indent=2)
    if report.settings:
        shown = [setting for setting in report.settings if look.verbose or not _is_minor(setting)]
        lines += [Text()] if report.allowed else []
        lines += aligned([_setting_row(setting, report.path) for setting in shown])
    elif not report.allowed:
        lines.append(Text("  nothing is set here", style=QUIET))
    if report.nodes:
        lines += [Text(), *_node_lines(report.nodes, look)]
    return lines


def written(value: object) -> str:
    """Return a value as YAML writes it on one line; nothing as a dash."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(written(item) for item in value) + "]"
    text = str(value)
    return text if PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _fact_rows(report: Explanation) -> list[Row]:
    rows: list[Row] = [(Text("allowed", style=QUIET), report.allowed)]
    default = "none: it must be written" if report.required else written(report.default)
    rows.append((Text("default", style=QUIET), default))
    if report.example is not None:
        key = report.path.rsplit(".", 1)[-1]
        rows.append((Text("example", style=QUIET), f"{key}: {written(report.example)}"))
    return rows


def _value_rows(report: Explanation) -> list[Row]:
    label = Text(f"in {report.environment}", style=QUIET)
    rows: list[Row] = [(label, MISSING, "")]
    if report.now is not None:
        value = Text(_short(report.now.value, report.settings), style=HEADING)
        rows = [(label, value, _origin(report.now))]
    for saying in report.overrode:
        word, text = "overrides", _short(saying.value, report.settings)
        if saying.removed:
            word, text = "taken away by", "null"
        rows.append((Text(word, style=QUIET), Text(text, style=QUIET), _origin(saying)))
    return rows


def _is_minor(setting: Setting) -> bool:
    """Tell whether it is a key of a list's item that nobody has set: there may be many."""
    return "[" in setting.path and setting.says is not None and not setting.says.place


def _setting_row(setting: Setting, above: str) -> Row:
    name = setting.path.removeprefix(above).lstrip(".") or setting.path
    if setting.says is None:
        return (f"  {name}", Text(setting.meaning), "")
    style = QUIET if not setting.says.place else ""
    return (
        Text(f"  {name}", style=style),
        Text(_short(setting.says.value), style=style),
        _origin(setting.says),
    )


def _node_lines(nodes: Sequence[PlannedNode], look: Look) -> list[Text]:
    shown = nodes if look.verbose else nodes[:MANY]
    rows: list[Row] = [(node.zone, node.name, node.address) for node in shown]
    lines = [Text(plural(len(nodes), "node"), style=HEADING), *aligned(rows, indent=2)]
    if len(shown) < len(nodes):
        text = f"  and {len(nodes) - len(shown):,} more; --verbose shows all"
        lines.append(Text(text, style=QUIET))
    return lines


def _short(value: object, settings: Sequence[Setting] = ()) -> str:
    """Return a value on one line; a list whose items are shown below only by their number."""
    if settings and isinstance(value, list):
        return plural(len(value), "item")
    return value if value and isinstance(value, str) else written(value)


def _origin(saying: Saying) -> Text:
    by = f" {saying.by}" if saying.by else ""
    if not saying.place:
        return Text(f"{saying.where}{by}", style=QUIET)
    return Text.assemble(relative(saying.place), (f"  {saying.where}{by}", QUIET))
