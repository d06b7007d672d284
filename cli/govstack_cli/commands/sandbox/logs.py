"""The verb `sandbox logs`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import option


@click.command(
    "logs",
    cls=Verb,
    examples=[
        ("govstack sandbox logs -n 20", "the last lines of every service"),
        ("govstack sandbox logs -f nova", "one service, as it goes on"),
    ],
)
@click.argument(
    "service",
    required=False,
    help="One of those that `govstack sandbox status` names; all of them without it.",
)
@option(
    "-n",
    "--lines",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    help="How many lines of each service.",
)
@option("-f", "--follow", is_flag=True, help="Go on until interrupted.")
@pass_app
def command(app: App, service: str | None, *, lines: int, follow: bool) -> int:
    """Show what its services write."""
    if follow and app.settings.is_json:
        raise click.UsageError("--follow has no end, so it cannot be one JSON document")
    from govstack.operations.sandbox import logs  # noqa: PLC0415 - keeps help instant

    return app.stream(logs(app.target(), service, lines=lines, follow=follow))
