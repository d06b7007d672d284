"""What every verb's command works with: the target, progress, a question, the way out."""

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec

import click

from govstack.errors import EngineFailed, SiteNotFound
from govstack.values.result import Result
from govstack_cli.envelope import envelope, to_json
from govstack_cli.failure import Failure
from govstack_cli.group import verb_of
from govstack_cli.locate import find_site
from govstack_cli.options import settings_of
from govstack_cli.progress import PlainProgress, Progress, QuietProgress
from govstack_cli.settings import (
    PROGRAM,
    Settings,
    cache_home,
    state_home,
)
from govstack_cli.terminal import can_ask, is_live, speaks_unicode, writing_output

if TYPE_CHECKING:
    from govstack.operations.report import RunReport
    from govstack.operations.reports_effect import RebuildReport
    from govstack.operations.target import Target
    from govstack_cli.render.screen import Screen

P = ParamSpec("P")


class App:
    """One execution of a verb."""

    def __init__(self, context: click.Context) -> None:
        self.settings: Settings = settings_of(context)
        self._context = context
        self._verb = verb_of(context)
        self._progress: Progress = QuietProgress()

    def target(self, *, waits: bool = False) -> "Target":
        """Return the site and environment to act on.

        Args:
            waits: whether to wait while another run holds the environment.

        Raises:
            SiteNotFound: no site was named, and none is to be found.
        """
        # Operations are imported when they are called for, so that help is instant.
        from govstack.operations.target import Target  # noqa: PLC0415

        return Target(
            root=find_site(self.settings.site, Path.cwd()),
            environment=self.settings.environment,
            state_home=state_home(),
            cache_home=cache_home(),
            waits=waits,
        )

    def target_if_any(self) -> "Target | None":
        """Return the target, or None where no site was named and none is to be found."""
        try:
            return self.target()
        except SiteNotFound:
            if self.settings.site is not None:
                raise
            return None

    def program(self, target: "Target") -> tuple[str, ...]:
        """Return our own command line up to the verb, for whoever starts us from anywhere."""
        return (
            *(sys.executable, "-m", "govstack_cli", "--site", str(target.root.resolve())),
            *(("-e", target.environment) if target.environment else ()),
        )

    def progress(self, *, redraw: bool = True, foresees: bool = False) -> Progress:
        """Return an observer to enter for the time of an operation.

        Args:
            redraw: False if the operation itself writes to the terminal.
            foresees: whether the operation begins by a preview.
        """
        settings = self.settings
        if settings.quiet or (settings.is_json and not settings.verbose):
            self._progress = QuietProgress()
        elif redraw and not settings.is_json and is_live(sys.stderr):
            self._progress = self._screen.live_progress(foresees=foresees)
        else:
            self._progress = PlainProgress(verbose=settings.verbose)
        return self._progress

    def confirmation(self, *, yes: bool) -> "Callable[[RunReport], bool] | None":
        """Return what asks the user, or None if the answer is yes already.

        Raises:
            click.UsageError: there is nobody to ask.
        """
        if yes:
            return None
        self._require_terminal(f"or see first what would happen with {PROGRAM} preview")
        return self._ask

    def hosts_agreement(self, *, yes: bool) -> "Callable[[tuple[str, ...]], bool] | None":
        """Return what asks the user about hosts, or None if the answer is yes already."""
        return None if yes else self._ask_for_hosts

    def nodes_confirmation(self, *, yes: bool) -> "Callable[[RebuildReport], bool] | None":
        """Return what asks the user about nodes, or None if the answer is yes already.

        Raises:
            click.UsageError: there is nobody to ask.
        """
        if yes:
            return None
        self._require_terminal(f"or see first which nodes differ with {PROGRAM} status")
        return self._ask_for_nodes

    def agreed(self, question: str, *, yes: bool) -> bool:
        """Tell whether the user wishes to go on.

        Raises:
            click.UsageError: there is nobody to ask.
        """
        if yes:
            return True
        self._require_terminal("if all that is in it may go")
        if _confirm(question):
            return True
        click.echo("nothing was changed, as you wished", err=True)
        return False

    def types(self, name: str, warning: str) -> bool:
        """Tell whether the user types this name, having read the warning."""
        with self._progress.suspended():
            click.echo(warning, err=True)
            typed = _answered(f"Type {name} to go on:")
        return typed.strip() == name

    def finish(self, result: Result[object]) -> int:
        """Show a result; return the exit code."""
        failures = _failures(result)
        notes = (*self._progress.notes, *result.notes)
        if self.settings.is_json:
            document = envelope(
                self._verb,
                result.data,
                exit_code=result.exit_code,
                failure=failures[0] if failures else None,
                notes=notes,
            )
            self._write_json(document)
        else:
            self._screen.show_result(result.data, failures, notes)
        return result.exit_code

    def finish_with_text(self, data: object, text: str) -> int:
        """Show a result that is a text of its own, such as a script; return the exit code."""
        if self.settings.is_json:
            self._write_json(envelope(self._verb, data))
        else:
            with writing_output() as stream:
                stream.write(text if text.endswith("\n") else f"{text}\n")
        return 0

    def finish_as_is(self, result: Result[str]) -> int:
        """Print a text for another program, whatever the form of results; notes go elsewhere."""
        with writing_output() as stream:
            stream.write(result.data)
        if result.notes:
            self._screen.show_notes(result.notes)
        return result.exit_code

    def stream(self, lines: Iterator[str]) -> int:
        """Pass lines on as they come; return the exit code."""
        if self.settings.is_json:
            return self.finish_with_text({"lines": [line.rstrip() for line in lines]}, "")
        for line in lines:
            with writing_output() as stream:
                stream.write(f"{line.rstrip()}\n")
        return 0

    def _require_terminal(self, otherwise: str) -> None:
        if not can_ask():
            raise click.UsageError(
                f"there is no terminal to ask on whether to go on: give --yes, {otherwise}",
                self._context,
            )

    def _write_json(self, document: object) -> None:
        with writing_output() as stream:
            stream.write(to_json(document, unicode=speaks_unicode(stream)))

    def _ask(self, foreseen: "RunReport") -> bool:
        place = f"{foreseen.name} ({foreseen.environment})"
        removes = foreseen.verb == "down"
        question = f"Remove them from {place}?" if removes else f"Make these changes to {place}?"
        with self._progress.suspended():
            self._screen.show_foreseen(foreseen)
            return _confirm(question)

    def _ask_for_hosts(self, hosts: tuple[str, ...]) -> bool:
        with self._progress.suspended():
            click.echo("".join(f"  {host}\n" for host in hosts), err=True)
            return _confirm(f"The cloud is as declared. Configure {len(hosts):,} of its hosts?")

    def _ask_for_nodes(self, report: "RebuildReport") -> bool:
        with self._progress.suspended():
            self._screen.show_rebuild(report)
            return _confirm(f"Rebuild them in {report.name} ({report.environment})?")

    @functools.cached_property
    def _screen(self) -> "Screen":
        # Rich takes as long to import as all the rest; who wants JSON or a script goes without.
        from govstack_cli.render.screen import Screen  # noqa: PLC0415

        return Screen(self.settings)


def pass_app(
    function: "Callable[Concatenate[App, P], int]",
) -> Callable[P, int]:
    """Call a command's function with the `App` of this execution."""

    @functools.wraps(function)
    def call(*args: P.args, **options: P.kwargs) -> int:
        return function(App(click.get_current_context()), *args, **options)

    return call


def _confirm(question: str) -> bool:
    with _line_ended():
        return click.confirm(question, err=True, prompt_suffix=" ")


def _answered(question: str) -> str:
    with _line_ended():
        return str(
            click.prompt(question, default="", show_default=False, err=True, prompt_suffix=" ")
        )


@contextmanager
def _line_ended() -> Iterator[None]:
    try:
        yield
    except click.Abort:
        click.echo(err=True)  # the answer's line has not been ended
        raise


def _failures(result: Result[object]) -> tuple[Failure, ...]:
    """Return what failed in a run: an exit code alone does not say why."""
    parts = (result.data, getattr(result.data, "configured", None))
    return tuple(
        Failure(
            code=getattr(part, "failure_code", EngineFailed.code),
            exit_code=result.exit_code,
            message=f"{each.id} {each.name}: {each.error}",
            hint=each.hint,
        )
        for part in parts
        for each in getattr(part, "failures", ())
    )
