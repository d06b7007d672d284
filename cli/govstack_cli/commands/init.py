"""The verb `init`."""

from pathlib import Path

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.interview import interview, texts_of
from govstack_cli.locate import INVENTORIES
from govstack_cli.options import option


@click.command(
    "init",
    cls=Verb,
    examples=[
        ("govstack init", "asks, then writes inventories/ID"),
        ("govstack init inventories/harbour --yes", "unasked, with what suits most"),
        ("govstack init --yes --id harbour --cloud harbour", "with production on a cloud of yours"),
    ],
)
@click.argument(
    "folder",
    required=False,
    type=click.Path(path_type=Path),
    help="Where to write the site; its name is the site's id. Default: inventories/ID.",
)
@option("--id", metavar="ID", help="The site's id, for good.")
@option("--code", metavar="CODE", help="Begins every name in the cloud, for good.")
@option("--name", metavar="NAME", help="What people call the cloud.")
@option(
    "--department",
    "departments",
    multiple=True,
    metavar="ID=NAME",
    envvar="GOVSTACK_INIT_DEPARTMENT",
    help="A department (委办局); may be repeated.",
)
@option("--zones", metavar="CHOICE", help="small, standard, exchange, or ids such as PUB,DAT.")
@option(
    "--system",
    "systems",
    multiple=True,
    metavar="ID[=NAME]",
    envvar="GOVSTACK_INIT_SYSTEM",
    help="A first system, whose id tells its layer: inf-, dat-, sup- or app-; may be repeated.",
)
@option("--cloud", metavar="ENTRY", help="Entry of your clouds.yaml for production.")
@option("--profile", metavar="PROFILE", help="What kind of cloud that is.")
@option("--dry-run", is_flag=True, help="Show what would be written, write nothing.")
@option("-y", "--yes", is_flag=True, help="Do not ask: take defaults for what no option says.")
@pass_app
def command(
    app: App, /, *, folder: Path | None, dry_run: bool, yes: bool, **given: str | tuple[str, ...]
) -> int:
    """Make a new site: its files, with comments, ready to be planned.

    Asks for what no option says; every answer is checked at once. Never overwrites anything, and
    writes nothing before the last answer.
    """
    from govstack.operations.init import init  # noqa: PLC0415 - keeps help instant

    options = {key: _texts(key, value) for key, value in given.items() if value}
    if folder:
        options.setdefault("id", (folder.resolve().name,))
    said = interview(options, lambda id_: folder or Path(INVENTORIES) / id_, yes=yes)
    place = folder or Path(INVENTORIES) / said["id"][0]
    return app.finish(init(place, said, write=not dry_run))


def _texts(key: str, value: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return what an option says as texts; zones are listed in one."""
    if isinstance(value, tuple):
        return value
    return texts_of(value) if key == "zones" else (value,)
