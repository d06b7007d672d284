"""Text of what `up` did: the cloud, then the hosts, then the proof."""

from dataclasses import replace

from rich.text import Text

from govstack.operations.report_up import UpReport
from govstack_cli.render.configure import configure_lines
from govstack_cli.render.look import Look
from govstack_cli.render.run import next_lines, run_lines
from govstack_cli.render.verify import verify_lines


def up_lines(report: UpReport, look: Look) -> list[Text]:
    """Return what was done, step by step, and commands that look further."""
    if report.configured is None:
        return run_lines(report, look)
    lines = run_lines(report, replace(look, quiet=True))
    gap = [Text()] if report.has_changes else []
    lines += [*gap, *configure_lines(report.configured, look)]
    if report.verified:
        lines += [Text(), *verify_lines(report.verified, look)]
    if report.has_changes and not look.quiet:
        lines += [Text(), *next_lines(report, look)]
    return lines
