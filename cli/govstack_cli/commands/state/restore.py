"""The verb `state restore`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import option


@click.command(
    "restore",
    cls=Verb,
    examples=[
        ("govstack state restore 7", "an automatic backup that `govstack state list` shows"),
        ("govstack state restore /mnt/safe/yunzhou.tar.gz", "a file of `govstack state backup`"),
    ],
)
@click.argument("backup", help="The number of an automatic backup, or a file.")
@option("-y", "--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@pass_app
def command(app: App, backup: str, *, yes: bool) -> int:
    """Make the state what it was in a backup.

    The cloud is not touched: what was made since is then unknown to the state. What the state was
    before is kept as an automatic backup.
    """
    from govstack.operations.state import restore  # noqa: PLC0415 - keeps help instant

    if not app.agreed("Restore the state of this environment from the backup?", yes=yes):
        return 0
    with app.progress() as observer:
        result = restore(app.target(), observer, backup)
    return app.finish(result)
