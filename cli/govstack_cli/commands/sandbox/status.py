"""The verb `sandbox status`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command(
    "status", cls=Verb, examples=[("govstack sandbox status", "state, ports and memory")]
)
@pass_app
def command(app: App) -> int:
    """Show how its services are.

    Also tells how to speak to it with OpenStack's own client.
    """
    from govstack.operations.sandbox import status  # noqa: PLC0415 - keeps help instant

    return app.finish(status(app.target()))
