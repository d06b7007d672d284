"""The verb `sandbox faults set`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import option


@click.command(
    "set",
    cls=Verb,
    examples=[
        ("govstack sandbox faults set mixed,share=0.33", "a third of all calls fail, in every way"),
        ("govstack sandbox faults set 429,service=nova,share=0.5,seconds=2", "nova wants rest"),
        ("govstack sandbox faults set server-error,first=1", "one server ends in ERROR"),
    ],
)
@click.argument(
    "faults", nargs=-1, required=True, metavar="FAULT...", help="KIND,KEY=VALUE,... (see above)."
)
@option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=1,
    show_default=True,
    help="What is drawn from; the same calls meet the same faults.",
)
@pass_app
def command(app: App, faults: tuple[str, ...], *, seed: int) -> int:
    """Have calls to the embedded cloud fail, in place of the faults there were.

    KIND is 409, 429, 500, 502, 503, slow, drop, token, server-error, balancer-stuck, or mixed for
    something of all that calls can meet.  Keys: share= (0 to 1) of the calls, service=, method=,
    path= and name= (patterns), seconds= (to wait, to be left alone, or that tokens are good for),
    after=yes (once the cloud has done what it was asked), first= (so many at most).
    """
    from govstack.operations.faults import set_to  # noqa: PLC0415 - keeps help instant

    return app.finish(set_to(app.target(), faults, seed))
