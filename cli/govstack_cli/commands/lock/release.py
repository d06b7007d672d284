"""The verb `lock release`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command("release", cls=Verb, examples=[("govstack lock release", "others may go on")])
@pass_app
def command(app: App) -> int:
    """Give the environment back.

    Whoever took it can do that, from the machine that it was taken on.
    """
    from govstack.operations.lock import release  # noqa: PLC0415 - keeps help instant

    return app.finish(release(app.target()))
