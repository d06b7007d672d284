"""A report as plain text, for a file: no colours, and all characters, whatever the terminal."""

from govstack_cli.render.look import Look
from govstack_cli.render.text import report_lines
from govstack_cli.settings import Settings


def plain_text(report: object, settings: Settings) -> str:
    """Return a report as the text of a file; what is quiet in it needs no hints."""
    look = Look(verbose=settings.verbose, quiet=not settings.verbose)
    return "".join(f"{line.plain}\n" for line in report_lines(report, look))
