"""The verb `verify`."""

import click

from govstack_cli import complete
from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command(
    "verify",
    cls=Verb,
    examples=[
        ("govstack verify", "from all hosts"),
        ("govstack verify yz-int-zwfw-hal-web-001", "from one host"),
    ],
)
@click.argument(
    "hosts",
    nargs=-1,
    metavar="[HOST]...",
    shell_complete=complete.nodes,
    help="From which hosts; all if none is named.",
)
@pass_app
def command(app: App, hosts: tuple[str, ...]) -> int:
    """Try from inside the hosts whether what the site says is so.

    Every path that flows and uses open must be open, on packets, and every other one closed.
    Exit code 8 if something is not as it should be.
    """
    from govstack.operations.verify import verify  # noqa: PLC0415 - keeps help instant

    target = app.target()
    with app.progress() as observer:
        result = verify(target, observer, hosts=hosts, program=app.program(target))
    return app.finish(result)
