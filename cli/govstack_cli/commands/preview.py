"""The verb `preview`."""

from dataclasses import replace

import click

from govstack_cli.app import App, pass_app
from govstack_cli.envelope import CHANGES_EXIT
from govstack_cli.group import Verb
from govstack_cli.options import option, systems_argument


@click.command(
    "preview",
    cls=Verb,
    examples=[
        ("govstack preview", "all systems"),
        ("govstack preview --exit-code dat-rdb", "8 if dat-rdb or what it needs would change"),
    ],
)
@systems_argument
@option("--exit-code", is_flag=True, help=f"Exit with {CHANGES_EXIT} if there are changes.")
@option(
    "--all",
    "everything",
    is_flag=True,
    envvar="GOVSTACK_PREVIEW_ALL",
    help="Ask the engine also about unchanged systems.",
)
@pass_app
def command(app: App, systems: tuple[str, ...], *, exit_code: bool, everything: bool) -> int:
    """Show what up would change.

    Changes nothing. Named systems are previewed with all that they need.
    """
    from govstack.operations.preview import preview  # noqa: PLC0415 - keeps help instant

    with app.progress(foresees=True) as observer:
        result = preview(app.target(), observer, systems=systems, everything=everything)
    if exit_code and result.data.has_changes and not result.exit_code:
        result = replace(result, exit_code=CHANGES_EXIT)
    return app.finish(result)
