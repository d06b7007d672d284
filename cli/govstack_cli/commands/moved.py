"""The verb `moved`."""

from typing import TYPE_CHECKING

import click

from govstack_cli import complete
from govstack_cli.app import App, pass_app
from govstack_cli.ask import agrees, require_terminal
from govstack_cli.group import Verb
from govstack_cli.options import option

if TYPE_CHECKING:
    from govstack.operations.reports_site import MoveReport


@click.command(
    "moved",
    cls=Verb,
    examples=[
        ("govstack moved app-oa app-office", "another id, everywhere in the site's files"),
        ("govstack moved app-map sup-map --layer application-support", "another layer as well"),
        ("govstack moved --dry-run app-oa app-office", "only show the difference"),
    ],
)
@click.argument("old", shell_complete=complete.systems, help="The system's id.")
@click.argument("new", help="The id that it is to have; the same if only its layer changes.")
@option(
    "--layer",
    type=click.Choice(["infrastructure", "data-service", "application-support"]),
    help="The layer that it goes to.",
)
@option("--dry-run", is_flag=True, help="Show what would change, write nothing.")
@option("-y", "--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@pass_app
def command(app: App, old: str, new: str, *, layer: str | None, dry_run: bool, yes: bool) -> int:
    """Give a system another id in the site's files.

    Changes the file's name, the id, and every reference to it; comments and form stay as they
    are. The first id is kept as renamed_from: what is in the cloud goes by it, so nothing there
    is made anew. All files are changed, or none.
    """
    from govstack.operations.moved import moved  # noqa: PLC0415 - keeps help instant

    if not (yes or dry_run):
        require_terminal("give --yes, or see first what would change with --dry-run")

    def confirm(report: "MoveReport") -> bool:
        from govstack_cli.render.moved import show_move  # noqa: PLC0415 - rich

        show_move(report, app.settings)
        return agrees(f"Make these changes to {report.name}?")

    result = moved(
        app.target(),
        old,
        new,
        layer=layer or "",
        write=not dry_run,
        confirm=None if yes else confirm,
    )
    return app.finish(result)
