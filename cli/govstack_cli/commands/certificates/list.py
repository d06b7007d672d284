"""The verb `certificates list`."""

import click

from govstack_cli import complete
from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import option


@click.command(
    "list",
    cls=Verb,
    examples=[
        ("govstack certificates list", "all of them, until when, and how each does"),
        ("govstack certificates list --check -q", "for a timer: exit code 8 if one is due"),
    ],
)
@click.argument(
    "hosts",
    nargs=-1,
    metavar="[NODE]...",
    shell_complete=complete.nodes,
    help="Names of nodes; all of them if none is named.",
)
@option(
    "--check",
    is_flag=True,
    help="End with exit code 8 if one is missing, changed, or has less than a third of its time "
    "left.",
)
@pass_app
def command(app: App, hosts: tuple[str, ...], *, check: bool) -> int:
    """Show which certificates there are, and how each does.

    Those that the site needs and that are missing, too. Nothing is asked of the cloud.
    """
    from govstack.operations.certificates import list_certificates  # noqa: PLC0415 - help is instant

    return app.finish(list_certificates(app.target(), hosts=hosts, check=check))
