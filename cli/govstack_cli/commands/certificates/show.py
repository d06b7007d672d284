"""The verb `certificates show`."""

import click

from govstack_cli import complete
from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command(
    "show",
    cls=Verb,
    examples=[
        ("govstack certificates show yz-dat-dsjj-rdb-db-001", "all certificates of a node"),
        ("govstack certificates show yz-dat-dsjj-rdb-db-001 postgresql -v", "one, as PEM too"),
    ],
)
@click.argument("node", shell_complete=complete.nodes, help="The node's name.")
@click.argument("service", required=False, help="One of its services.")
@pass_app
def command(app: App, node: str, service: str | None) -> int:
    """Show the certificates of one host.

    Subject, names, addresses, number and time; in detail the certificate itself. Keys are never
    shown.
    """
    from govstack.operations.certificates import show_certificates  # noqa: PLC0415 - help is instant

    return app.finish(show_certificates(app.target(), node, service))
