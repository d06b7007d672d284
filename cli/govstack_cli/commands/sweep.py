"""The verb `sweep`."""

from typing import TYPE_CHECKING

import click

from govstack_cli.app import App, pass_app
from govstack_cli.ask import agrees, require_terminal
from govstack_cli.group import Verb
from govstack_cli.options import option

if TYPE_CHECKING:
    from govstack.operations.sweep_report import SweepReport


@click.command(
    "sweep",
    cls=Verb,
    examples=[
        ("govstack sweep --check", "is there anything? exit code 8 if so"),
        ("govstack sweep", "list it, then ask whether it may go"),
    ],
)
@option("--check", is_flag=True, help="Only look. Exit code 8 if something was found.")
@option("-y", "--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@pass_app
def command(app: App, *, check: bool, yes: bool) -> int:
    """Remove what is ours in the cloud and in no state.

    Ours is what bears the labels of this site and environment or, where a thing has none, a name
    that only we give. All else is left alone, and so is what a state knows. What may hold data
    goes only where the environment is disposable.
    """
    from govstack.operations.sweep import sweep  # noqa: PLC0415 - keeps help instant

    if not (check or yes):
        require_terminal("give --yes to remove what is found, or --check only to look")
    with app.progress() as observer:

        def confirm(foreseen: "SweepReport") -> bool:
            from govstack_cli.render.sweep import show_sweep  # noqa: PLC0415 - rich is heavy

            with observer.suspended():
                show_sweep(foreseen, app.settings)
                return agrees("Remove them from the cloud?")

        asks = None if check or yes else confirm
        result = sweep(app.target(), observer, check=check, confirm=asks)
    return app.finish(result)
