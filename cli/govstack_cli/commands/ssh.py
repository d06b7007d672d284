"""The verb `ssh`."""

import click

from govstack_cli import complete
from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command(
    "ssh",
    cls=Verb,
    options_metavar="[OPTIONS]",
    examples=[
        ("govstack ssh yz-mgt-dsjj-bas-bastion-001", "log in to the bastion"),
        ("govstack ssh yz-pub-dsjj-hal-web-001 -- uptime", "run a command on a node behind it"),
    ],
)
@click.argument(
    "node", shell_complete=complete.nodes, help="The node's name, as `govstack status` shows it."
)
@click.argument(
    "args", nargs=-1, type=click.UNPROCESSED, metavar="-- COMMAND...", help="What is run there."
)
@pass_app
def command(app: App, node: str, args: tuple[str, ...]) -> int:
    """Log in to a node of the embedded cloud.

    By way of the bastion, with a certificate that is good for an hour, and only to hosts that have
    one of the site themselves. The configuration that it writes for ssh can be used without
    govstack too: ssh -F.
    """
    from govstack.operations.ssh import ssh  # noqa: PLC0415 - keeps help instant

    target = app.target()
    return ssh(target, node, args)
