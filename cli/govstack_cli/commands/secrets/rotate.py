"""The verb `secrets rotate`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import option


@click.command(
    "rotate",
    cls=Verb,
    examples=[("govstack secrets rotate", "when a machine that had the passphrase is gone")],
)
@option("-y", "--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@pass_app
def command(app: App, *, yes: bool) -> int:
    """Give the environment a new passphrase.

    All that is kept is encrypted anew, in its store too. Automatic backups are removed, since the
    old passphrase opens them; the next `up` looks at every system once.
    """
    from govstack.operations.secrets import rotate  # noqa: PLC0415 - keeps help instant

    if not app.agreed("Make a new passphrase? Other machines need a copy of it then.", yes=yes):
        return 0
    with app.progress() as observer:
        result = rotate(app.target(), observer)
    return app.finish(result)
