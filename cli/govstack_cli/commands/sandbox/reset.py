"""The verb `sandbox reset`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command(
    "reset", cls=Verb, examples=[("govstack sandbox reset", "as after the very first start")]
)
@pass_app
def command(app: App) -> int:
    """Start over with an empty cloud.

    All that was in it is lost, and what was kept of the environment goes too.
    """
    from govstack.operations.sandbox import reset  # noqa: PLC0415 - keeps help instant

    with app.progress() as observer:
        result = reset(app.target(), observer)
    return app.finish(result)
