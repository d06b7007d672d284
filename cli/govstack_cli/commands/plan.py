"""The verb `plan`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import systems_argument


@click.command(
    "plan",
    cls=Verb,
    examples=[
        ("govstack plan", "networks, nodes and addresses of all systems"),
        ("govstack plan -v inf-bas", "rules and quota too"),
    ],
)
@systems_argument
@pass_app
def command(app: App, systems: tuple[str, ...]) -> int:
    """Show what follows from the site, without a cloud.

    Named systems are shown with all that they need.
    """
    from govstack.operations.plan import plan  # noqa: PLC0415 - keeps help instant

    return app.finish(plan(app.target(), systems=systems))
