"""The verb `sandbox faults list`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command(
    "list",
    cls=Verb,
    examples=[("govstack sandbox faults list", "what fails, and how often")],
)
@pass_app
def command(app: App) -> int:
    """Show which faults there are, and how often each has struck.

    They are counted since they were set, or since the embedded cloud was last started.
    """
    from govstack.operations.faults import show  # noqa: PLC0415 - keeps help instant

    return app.finish(show(app.target()))
