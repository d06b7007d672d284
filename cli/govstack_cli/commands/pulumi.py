"""The verb `pulumi`."""

import click

from govstack_cli import complete
from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command(
    "pulumi",
    cls=Verb,
    options_metavar="[OPTIONS]",
    examples=[
        ("govstack pulumi infrastructure/platform -- stack", "resources of the platform"),
        ("govstack pulumi data-service/dat-rdb -- refresh --yes", "take over what is real"),
    ],
)
@click.argument("stack", metavar="LAYER/SYSTEM", shell_complete=complete.stacks, help="The stack.")
@click.argument(
    "args", nargs=-1, type=click.UNPROCESSED, metavar="-- ARGS...", help="What Pulumi is given."
)
@pass_app
def command(app: App, stack: str, args: tuple[str, ...]) -> int:
    """Run Pulumi's own CLI on one stack.

    In the stack's workspace, with its credentials and the environment locked. Its output and
    its exit code are passed on as they are.
    """
    from govstack.operations.pulumi import run  # noqa: PLC0415 - keeps help instant

    with app.progress(redraw=False) as observer:
        return run(app.target(), observer, stack, args)
