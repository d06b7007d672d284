"""Text of an environment's lock and state."""

from rich.text import Text

from govstack.operations.report_state import (
    BackupMade,
    HolderReport,
    LockReport,
    RotationReport,
    StateMoved,
    StateReport,
)
from govstack_cli.render.columns import aligned
from govstack_cli.render.look import CAREFUL, GOOD, HEADING, NEXT, QUIET, Look
from govstack_cli.render.words import command_lines, plural, title_line

KIBIBYTE = 1024
ACTIONS = {
    "taken": "you hold the environment",
    "released": "the environment is free",
    "broken": "the lock is broken; that is written down",
}


def lock_lines(report: LockReport, look: Look) -> list[Text]:
    """Return who holds the environment, and which locks were broken."""
    lines = [title_line(report.name, report.site, report.environment, look)]
    if report.action:
        lines.append(Text.assemble((look.glyphs.done, GOOD), f" {ACTIONS[report.action]}"))
    rows = [
        (label, *_holder_row(holder))
        for label, holder in (("people", report.people), ("run", report.run))
        if holder
    ]
    lines += aligned(rows, indent=2) if rows else [Text("  nobody holds it", style=QUIET)]
    if report.breaks:
        lines += [Text(), Text("Broken", style=HEADING)]
        broken = [(each.when, each.by, each.why, each.broken) for each in report.breaks]
        lines += aligned(broken, indent=2)
    return lines


def state_lines(report: StateReport, look: Look) -> list[Text]:
    """Return where the state is, its stacks and its automatic backups."""
    lines = [title_line(report.name, report.site, report.environment, look, report.store)]
    rows = [
        (
            f"{stack.layer}/{stack.system}",
            stack.name,
            plural(stack.resources, "resource"),
            _size(stack.size),
            stack.updated,
        )
        for stack in report.stacks
    ]
    lines += aligned(rows, indent=2, right={2, 3}) if rows else [Text("  no state yet", QUIET)]
    if report.backups:
        lines += [Text(), Text("Automatic backups", style=HEADING)]
        backups = [
            (str(each.number), each.made, plural(each.files, "file"), each.reason)
            for each in report.backups
        ]
        lines += aligned(backups, indent=2, right={0, 2})
    if report.stacks:
        sealed = f"sealed with {report.passphrase}: keep a copy of it elsewhere"
        if report.key_manager:
            sealed = f"sealed with a key that {report.key_manager} alone can open"
        lines += [Text(), Text(sealed, QUIET)]
    return lines


def backup_lines(report: BackupMade, look: Look) -> list[Text]:
    """Return what was backed up or restored, and what to do next."""
    backup, again = report.backup, look.again
    done = (look.glyphs.done, GOOD)
    if not report.restored:
        return [
            Text.assemble(done, f" {plural(backup.files, 'file')} in {backup.path}"),
            Text.assemble(
                "  it is of no use without ", (report.key_manager or report.passphrase, CAREFUL)
            ),
        ]
    source = backup.path or f"automatic backup {backup.number}"
    return [
        Text.assemble(done, f" {plural(backup.files, 'file')} of {backup.made} from {source}"),
        Text(),
        *command_lines([("what differs from the site now", f"govstack{again} preview --all")]),
    ]


def moved_lines(report: StateMoved, look: Look) -> list[Text]:
    """Return what was moved where, and the line to write."""
    line = f"backend: {report.backend}" if report.backend else "no backend"
    return [
        Text.assemble(
            (look.glyphs.done, GOOD),
            f" {plural(report.files, 'file')} of state are in {report.after}",
        ),
        Text(f"  {report.before} is marked as moved", style=QUIET),
        Text.assemble("now write into ", report.file, ": ", (line, NEXT)),
    ]


def rotation_lines(report: RotationReport, look: Look) -> list[Text]:
    """Return what was encrypted anew, and what has to be done with the new passphrase or key."""
    if report.key_manager:
        text = f" {plural(report.files, 'file')} encrypted with a new key"
        return [
            Text.assemble((look.glyphs.done, GOOD), text),
            Text(f"  {report.key_manager} alone can open it", style=QUIET),
        ]
    text = f" {plural(report.files, 'file')} encrypted with a new passphrase"
    return [
        Text.assemble((look.glyphs.done, GOOD), text),
        Text.assemble("  copy it to where the old one was: ", (report.passphrase, CAREFUL)),
    ]


def _holder_row(holder: HolderReport) -> tuple[str, str, str]:
    process = f"process {holder.pid}, {holder.life}" if holder.pid else ""
    until = f" until {holder.expires}" if holder.expires else ""
    who = f"{holder.person} ({process})" if process else holder.person
    return who, holder.reason, f"{holder.since}{until}"


def _size(size: int) -> str:
    return f"{max(1, round(size / KIBIBYTE)):,} KiB"
