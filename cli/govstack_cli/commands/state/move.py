"""The verb `state move`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command(
    "move",
    cls=Verb,
    examples=[
        ("govstack state move postgres://govstack@db.example/state", "into a database"),
        ("govstack state move files", "back to plain files of this user"),
    ],
)
@click.argument("address", metavar="ADDRESS", help="As `backend` is written, or `files`.")
@pass_app
def command(app: App, address: str) -> int:
    """Move the state to another store.

    What was written there is read back and compared; until then nothing of the former store is
    touched. Then `backend` in the environment's file has to name the new one.
    """
    from govstack.operations.state import move  # noqa: PLC0415 - keeps help instant

    with app.progress() as observer:
        result = move(app.target(), observer, address)
    return app.finish(result)
