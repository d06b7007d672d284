"""The verb `sandbox reset`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import option


@click.command(
    "reset", cls=Verb, examples=[("govstack sandbox reset", "as after the very first start")]
)
@option("-y", "--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@pass_app
def command(app: App, *, yes: bool) -> int:
    """Start over with an empty cloud.

    All that was in it is lost, and what was kept of the environment goes too.
    """
    from govstack.operations.sandbox import reset  # noqa: PLC0415 - keeps help instant

    if not app.agreed("Empty the embedded cloud of this environment?", yes=yes):
        return 0
    with app.progress() as observer:
        result = reset(app.target(), observer)
    return app.finish(result)
