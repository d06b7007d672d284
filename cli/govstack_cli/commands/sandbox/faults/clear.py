"""The verb `sandbox faults clear`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command(
    "clear", cls=Verb, examples=[("govstack sandbox faults clear", "the cloud is well again")]
)
@pass_app
def command(app: App) -> int:
    """Have calls to the embedded cloud fail no more.

    Servers in ERROR and load balancers that were stuck are well again too: they only seemed so.
    """
    from govstack.operations.faults import clear  # noqa: PLC0415 - keeps help instant

    return app.finish(clear(app.target()))
