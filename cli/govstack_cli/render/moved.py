"""Text of a move: what changes in which file, and what became of it."""

import sys

from rich.text import Text

from govstack.operations.reports_site import FileMove, MoveReport
from govstack_cli.render.console import console_for, show
from govstack_cli.render.look import GOOD, HEADING, NEXT, QUIET, Look
from govstack_cli.render.words import command_lines, plural
from govstack_cli.settings import Settings

ADDED, REMOVED, PLACE = "+", "-", "@@"
"""How lines of a unified diff begin."""


def move_lines(report: MoveReport, look: Look) -> list[Text]:
    """Return what was changed; the difference only where nothing was written."""
    if not report.confirmed:
        return [Text("nothing was changed, as you wished")]
    number = plural(len(report.files), "file")
    if not report.written:
        return [*diff_lines(report), Text(), Text(f"{number} would change; nothing was written")]
    lines = [
        Text.assemble((look.glyphs.done, GOOD), f" {_what(report)}: {number} of {report.name}"),
        *(Text(f"  {_path(file)}") for file in report.files),
    ]
    if report.new not in {report.old, report.birth}:
        text = f"  in the cloud it stays what it is: names there go by its first id, {report.birth}"
        lines.append(Text(text, style=QUIET))
    again = look.again
    commands = [("what that means in the cloud", f"govstack{again} preview {report.new}")]
    return [*lines, Text(), *command_lines(commands)]


def diff_lines(report: MoveReport) -> list[Text]:
    """Return the difference, file by file."""
    lines: list[Text] = []
    for file in report.files:
        lines.append(Text(_path(file), style=HEADING))
        lines += [_diff_line(line) for line in file.diff[2:]]
    return lines


def show_move(report: MoveReport, settings: Settings) -> None:
    """Show on stderr what the user is going to be asked about."""
    console = console_for(sys.stderr, settings.color)
    show(diff_lines(report), console)
    console.print()


def _what(report: MoveReport) -> str:
    moved = f"{report.old} is now {report.new}" if report.old != report.new else report.new
    if not report.layer:
        return moved
    return f"{moved}{', in' if report.old != report.new else ' is now in'} {report.layer}"


def _path(file: FileMove) -> str:
    return file.path if file.path == file.new_path else f"{file.path} -> {file.new_path}"


def _diff_line(line: str) -> Text:
    styles = {ADDED: GOOD, REMOVED: "red"}
    style = NEXT if line.startswith(PLACE) else styles.get(line[:1], "")
    return Text(f"  {line}", style=style)
