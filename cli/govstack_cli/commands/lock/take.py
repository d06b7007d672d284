"""The verb `lock take`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import option


@click.command(
    "take",
    cls=Verb,
    examples=[
        ("govstack lock take 'moving the storage' --hours 4", "until it is released, or for 4 h"),
    ],
)
@click.argument("reason", help="What for; others are shown it.")
@option(
    "--hours",
    type=click.FloatRange(min=0, min_open=True),
    help="After how many it ends by itself; without an end if not given.",
)
@pass_app
def command(app: App, reason: str, *, hours: float | None) -> int:
    """Hold the environment, so that nobody else changes it.

    Your own runs on this machine go on as usual. It ends with `govstack lock release`.
    """
    from govstack.operations.lock import take  # noqa: PLC0415 - keeps help instant

    return app.finish(take(app.target(), reason, hours))
