"""The verb `down`."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import no_wait_option, option, systems_argument

if TYPE_CHECKING:
    from govstack.operations.report import RunReport

    Confirm = Callable[[RunReport], bool]


@click.command(
    "down",
    cls=Verb,
    examples=[
        ("govstack down app-oa", "one system with all that depends on it"),
        ("govstack down --yes", "everything, unasked"),
        ("govstack -e production down --destroy-data app-oa", "with its data, after two questions"),
    ],
)
@systems_argument
@option("-y", "--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@option(
    "--destroy-data",
    is_flag=True,
    help="Also in an environment that is not disposable, with all its data.",
)
@no_wait_option
@pass_app
def command(
    app: App, systems: tuple[str, ...], *, yes: bool, destroy_data: bool, no_wait: bool
) -> int:
    """Remove systems from the cloud.

    With them goes all that depends on them; without a name, everything goes. Refused where the
    environment is not disposable, unless its data are to be destroyed.
    """
    from govstack.operations.down import down  # noqa: PLC0415 - keeps help instant

    confirm = app.confirmation(yes=yes)
    if confirm and destroy_data:
        confirm = _twice(confirm, app, systems)
    with app.progress() as observer:
        target = app.target(waits=not no_wait)
        result = down(target, observer, systems=systems, destroy_data=destroy_data, confirm=confirm)
    return app.finish(result)


def _twice(confirm: "Confirm", app: App, systems: tuple[str, ...]) -> "Confirm":
    """Return what asks a second time, for the name of what is to go."""
    name = systems[0] if len(systems) == 1 else app.settings.environment

    def ask(foreseen: "RunReport") -> bool:
        return confirm(foreseen) and app.types(name, "All data in it will be gone for good.")

    return ask
