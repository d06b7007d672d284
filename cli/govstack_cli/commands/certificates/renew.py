"""The verb `certificates renew`."""

import click

from govstack_cli import complete
from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import no_wait_option, option


@click.command(
    "renew",
    cls=Verb,
    examples=[
        ("govstack certificates renew", "what needs it; nothing else is touched"),
        ("govstack certificates renew --anyway yz-dat-dsjj-rdb-db-001", "a node whose keys leaked"),
    ],
)
@click.argument(
    "hosts",
    nargs=-1,
    metavar="[NODE]...",
    shell_complete=complete.nodes,
    help="Names of nodes; all of them if none is named.",
)
@option("--anyway", is_flag=True, help="Make also those anew that are good.")
@no_wait_option
@pass_app
def command(app: App, hosts: tuple[str, ...], *, anyway: bool, no_wait: bool) -> int:
    """Make what is missing, changed or soon past its day.

    Each with a new key. Hosts have them from the next `configure` on; SSH certificates of hosts
    are made anew by the next contact.
    """
    from govstack.operations.certificates import renew  # noqa: PLC0415 - keeps help instant

    with app.progress() as observer:
        result = renew(app.target(waits=not no_wait), observer, hosts=hosts, anyway=anyway)
    return app.finish(result)
