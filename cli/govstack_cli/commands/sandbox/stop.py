"""The verb `sandbox stop`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command("stop", cls=Verb, examples=[("govstack sandbox stop", "frees its memory")])
@pass_app
def command(app: App) -> int:
    """Stop the embedded cloud.

    What is in it is kept.
    """
    from govstack.operations.sandbox import stop  # noqa: PLC0415 - keeps help instant

    with app.progress() as observer:
        result = stop(app.target(), observer)
    return app.finish(result)
