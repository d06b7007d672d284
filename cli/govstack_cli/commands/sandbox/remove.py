"""The verb `sandbox remove`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command("remove", cls=Verb, examples=[("govstack sandbox remove", "leaves nothing behind")])
@pass_app
def command(app: App) -> int:
    """Remove the embedded cloud.

    With all that was in it and all that is kept of the environment.
    """
    from govstack.operations.sandbox import remove  # noqa: PLC0415 - keeps help instant

    with app.progress() as observer:
        result = remove(app.target(), observer)
    return app.finish(result)
