"""The text side of a verb: its result, its question, its live progress, its errors."""

import shlex
import sys
from collections.abc import Sequence
from typing import TextIO

from govstack.operations.report import RunReport
from govstack.operations.reports_effect import RebuildReport
from govstack.values.observer import Level, Note
from govstack_cli.failure import Failure
from govstack_cli.render.console import console_for, show
from govstack_cli.render.effect import rebuild_question_lines
from govstack_cli.render.failure import error_lines, failure_lines, note_line
from govstack_cli.render.foreseen import question_lines, removal_lines
from govstack_cli.render.live import LiveProgress
from govstack_cli.render.look import Look
from govstack_cli.render.text import report_lines
from govstack_cli.settings import DEFAULT_ENVIRONMENT, Color, Settings
from govstack_cli.terminal import speaks_unicode, writing_output


class Screen:
    """Shows text as the settings want it: results on stdout, all else on stderr."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def show_result(self, data: object, failures: Sequence[Failure], notes: Sequence[Note]) -> None:
        """Show a report, what should be known besides, and which parts of it failed.

        Raises:
            OutputClosed: nobody reads the output any more.
        """
        color = self._settings.color
        with writing_output() as stream:
            show(report_lines(data, self._look(stream)), console_for(stream, color))
        self.show_notes(notes)
        errors = console_for(sys.stderr, color)
        for failure in failures:
            show(error_lines(failure.message, failure.hint), errors)

    def show_notes(self, notes: Sequence[Note]) -> None:
        """Show what should be known besides the result."""
        errors = console_for(sys.stderr, self._settings.color)
        for note in notes:
            if note.level is Level.WARNING or not self._settings.quiet:
                show([note_line(note)], errors)

    def show_foreseen(self, report: RunReport) -> None:
        """Show what the user is going to be asked about."""
        lines_of = removal_lines if report.verb == "down" else question_lines
        console = console_for(sys.stderr, self._settings.color)
        show(lines_of(report, self._look(sys.stderr)), console)
        console.print()

    def show_rebuild(self, report: RebuildReport) -> None:
        """Show which nodes the user is going to be asked about."""
        console = console_for(sys.stderr, self._settings.color)
        show(rebuild_question_lines(report, self._look(sys.stderr)), console)
        console.print()

    def live_progress(self, *, foresees: bool) -> LiveProgress:
        """Return an observer that redraws what runs."""
        console = console_for(sys.stderr, self._settings.color)
        return LiveProgress(console, self._look(sys.stderr), foresees=foresees)

    def _look(self, stream: TextIO) -> Look:
        return Look(
            unicode=speaks_unicode(stream),
            verbose=self._settings.verbose,
            quiet=self._settings.quiet,
            again=_again(self._settings),
        )


def show_failure(failure: Failure, color: Color) -> None:
    """Show an error."""
    show(failure_lines(failure), console_for(sys.stderr, color))


def _again(settings: Settings) -> str:
    """Return the global options that say which environment this was, with a blank before."""
    site = f" -s {shlex.quote(str(settings.site))}" if settings.site else ""
    other = settings.environment != DEFAULT_ENVIRONMENT
    return site + (f" -e {settings.environment}" if other else "")
