"""The verb `up`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import no_wait_option, option, systems_argument


@click.command(
    "up",
    cls=Verb,
    examples=[
        ("govstack up", "the whole site, after a question"),
        ("govstack up --yes app-oa", "one system with all that it needs, unasked"),
    ],
)
@systems_argument
@option("-y", "--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@option(
    "--all",
    "everything",
    is_flag=True,
    envvar="GOVSTACK_UP_ALL",
    help="Run the engine also on unchanged systems.",
)
@no_wait_option
@pass_app
def command(
    app: App, systems: tuple[str, ...], *, yes: bool, everything: bool, no_wait: bool
) -> int:
    """Make the cloud what the site says.

    Shows the preview first and asks. What has not changed since its last run is not run again.
    """
    from govstack.operations.up import up  # noqa: PLC0415 - keeps help instant

    confirm = app.confirmation(yes=yes)
    with app.progress(foresees=confirm is not None) as observer:
        target = app.target(waits=not no_wait)
        result = up(target, observer, systems=systems, everything=everything, confirm=confirm)
    return app.finish(result)
