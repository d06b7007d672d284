"""The verb `allocate`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import option


@click.command(
    "allocate",
    cls=Verb,
    examples=[
        ("govstack allocate", "write the missing addresses"),
        ("govstack allocate --dry-run", "only show them"),
    ],
)
@option("--dry-run", is_flag=True, help="Show what would be added, write nothing.")
@pass_app
def command(app: App, *, dry_run: bool) -> int:
    """Give every node its address, for good.

    Adds what is missing to addresses.yaml and never changes what is there. Commit that file.
    """
    from govstack.operations.allocate import allocate  # noqa: PLC0415 - keeps help instant

    return app.finish(allocate(app.target(), write=not dry_run))
