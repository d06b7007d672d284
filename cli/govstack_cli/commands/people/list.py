"""The verb `people list`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command(
    "list",
    cls=Verb,
    examples=[("govstack people list", "all of them, by duty; who has not been given codes yet")],
)
@pass_app
def command(app: App) -> int:
    """Show who has accounts, and where each comes to.

    No secret is shown, and nothing is asked of the cloud.
    """
    from govstack.operations.people import list_people  # noqa: PLC0415 - help is instant

    return app.finish(list_people(app.target()))
