"""The verb `doctor`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.settings import cache_home, state_home


@click.command(
    "doctor", cls=Verb, examples=[("govstack doctor", "every prerequisite, and how to mend it")]
)
@pass_app
def command(app: App) -> int:
    """Check what this machine needs.

    In a site's folder also what that site needs.
    """
    from govstack.operations.doctor import doctor  # noqa: PLC0415 - keeps help instant

    target = app.target_if_any()
    with app.progress() as observer:
        result = doctor(target, observer, cache_home=cache_home(), state_home=state_home())
    return app.finish(result)
