"""The verb `sandbox connect`."""

import sys

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command(
    "connect",
    cls=Verb,
    examples=[
        ("ssh -o ProxyCommand='govstack sandbox connect %h %p' 203.0.113.7", "by plain ssh"),
    ],
)
@click.argument("host", help="A floating address: what can be reached from outside.")
@click.argument("port", type=click.IntRange(1, 65535), help="The port.")
@pass_app
def command(app: App, host: str, port: int) -> int:
    """Connect to a server of the embedded cloud from outside.

    Standard input and output become the connection, as ssh wishes of a ProxyCommand.  No route of
    this machine leads into the cloud.
    """
    from govstack.operations.sandbox import connect  # noqa: PLC0415 - keeps help instant

    connect(app.target(), host, port, (sys.stdin.fileno(), sys.stdout.fileno()))
    return 0
