"""The verb `lock show`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command("show", cls=Verb, examples=[("govstack lock show", "who, since when and why")])
@pass_app
def command(app: App) -> int:
    """Show who holds the environment.

    Also tells which locks were ever broken, by whom and why.
    """
    from govstack.operations.lock import show  # noqa: PLC0415 - keeps help instant

    return app.finish(show(app.target()))
