"""The verb `sandbox remove`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import option


@click.command("remove", cls=Verb, examples=[("govstack sandbox remove", "leaves nothing behind")])
@option("-y", "--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@pass_app
def command(app: App, *, yes: bool) -> int:
    """Remove the embedded cloud.

    With all that was in it and all that is kept of the environment.
    """
    from govstack.operations.sandbox import remove  # noqa: PLC0415 - keeps help instant

    if not app.agreed(
        "Remove the embedded cloud of this environment, with all that is in it?", yes=yes
    ):
        return 0
    with app.progress() as observer:
        result = remove(app.target(), observer)
    return app.finish(result)
