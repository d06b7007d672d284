"""The verb `status`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command(
    "status",
    cls=Verb,
    examples=[("govstack -e production status", "systems, nodes and addresses of production")],
)
@pass_app
def command(app: App) -> int:
    """Show systems, nodes and addresses as last recorded.

    Does not ask the cloud: it answers at once, and offline too.
    """
    from govstack.operations.status import status  # noqa: PLC0415 - keeps help instant

    return app.finish(status(app.target()))
