"""The verb `rebuild`."""

import click

from govstack_cli import complete
from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import option


@click.command(
    "rebuild",
    cls=Verb,
    examples=[
        ("govstack rebuild app-oa", "its nodes that were born from another image, one by one"),
        ("govstack rebuild --yes yz-pub-szfb-oa-app-001", "one node, unasked"),
    ],
)
@click.argument(
    "names",
    nargs=-1,
    required=True,
    metavar="NODE|SYSTEM...",
    shell_complete=complete.systems,
    help="Nodes, and systems whose nodes were born from another image.",
)
@option(
    "--max-unavailable",
    type=click.IntRange(min=1),
    metavar="N",
    default=1,
    show_default=True,
    help="How many nodes of a system may be away at the same time.",
)
@option("-y", "--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@pass_app
def command(app: App, names: tuple[str, ...], *, max_unavailable: int, yes: bool) -> int:
    """Give nodes the image that is declared.

    What is on a node's root disk is lost; its id, addresses and volumes stay. A node must be well
    again before the next is touched. Ends at the first that is not, and goes on there if called
    again.
    """
    from govstack.operations.rebuild import rebuild  # noqa: PLC0415 - keeps help instant

    confirm = app.nodes_confirmation(yes=yes)
    with app.progress() as observer:
        result = rebuild(
            app.target(), observer, names, max_unavailable=max_unavailable, confirm=confirm
        )
    return app.finish(result)
