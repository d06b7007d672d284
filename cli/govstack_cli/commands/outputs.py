"""The verb `outputs`."""

import click

from govstack_cli import complete
from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command(
    "outputs",
    cls=Verb,
    examples=[
        ("govstack outputs dat-rdb", "ids, floating IPs and endpoints of dat-rdb"),
        ("govstack outputs -o json", "the same of all systems, for programs"),
    ],
)
@click.argument(
    "system",
    required=False,
    metavar="[SYSTEM]",
    shell_complete=complete.systems,
    help="Id of a system; all of them if none is named.",
)
@pass_app
def command(app: App, system: str | None) -> int:
    """Show what systems give to others.

    One system with all that it needs, or all of them, as of their last run.
    """
    from govstack.operations.outputs import outputs  # noqa: PLC0415 - keeps help instant

    return app.finish(outputs(app.target(), system))
