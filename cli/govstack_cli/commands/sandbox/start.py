"""The verb `sandbox start`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command(
    "start", cls=Verb, examples=[("govstack sandbox start", "takes a minute the first time")]
)
@pass_app
def command(app: App) -> int:
    """Start the embedded cloud.

    Installs it first if it never was; `up` does the same by itself.
    """
    from govstack.operations.sandbox import start  # noqa: PLC0415 - keeps help instant

    with app.progress() as observer:
        result = start(app.target(), observer)
    return app.finish(result)
