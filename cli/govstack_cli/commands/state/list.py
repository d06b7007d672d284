"""The verb `state list`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command(
    "list", cls=Verb, examples=[("govstack state list", "stacks, sizes, automatic backups")]
)
@pass_app
def command(app: App) -> int:
    """Show where the state is, its stacks and its backups."""
    from govstack.operations.state import list_state  # noqa: PLC0415 - keeps help instant

    with app.progress() as observer:
        result = list_state(app.target(), observer)
    return app.finish(result)
