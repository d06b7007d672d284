"""The verb `down`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import no_wait_option, option, systems_argument


@click.command(
    "down",
    cls=Verb,
    examples=[
        ("govstack down app-oa", "one system with all that depends on it"),
        ("govstack down --yes", "everything, unasked"),
    ],
)
@systems_argument
@option("-y", "--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@no_wait_option
@pass_app
def command(app: App, systems: tuple[str, ...], *, yes: bool, no_wait: bool) -> int:
    """Remove systems from the cloud.

    With them goes all that depends on them; without a name, everything goes. Refused unless the
    environment is disposable.
    """
    from govstack.operations.down import down  # noqa: PLC0415 - keeps help instant

    confirm = app.confirmation(yes=yes)
    with app.progress() as observer:
        result = down(app.target(waits=not no_wait), observer, systems=systems, confirm=confirm)
    return app.finish(result)
