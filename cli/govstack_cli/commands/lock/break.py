"""The verb `lock break`."""  # noqa: N999 - a module is called as its verb

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import option


@click.command(
    "break",
    cls=Verb,
    examples=[("govstack lock break 'machine ops3 burnt'", "after a question; written down")],
)
@click.argument("reason", help="Why; it is written down for good, with your name.")
@option("-y", "--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@pass_app
def command(app: App, reason: str, *, yes: bool) -> int:
    """End whatever holds the environment.

    A run that still lives stops as soon as it notices. Runs on this machine that died need no
    breaking, those elsewhere end by themselves when they were silent for a while.
    """
    from govstack.operations.lock import break_lock  # noqa: PLC0415 - keeps help instant

    if not app.agreed("Break the lock of this environment? Someone may be at work.", yes=yes):
        return 0
    return app.finish(break_lock(app.target(), reason))
