"""The verb `people show`."""

import click

from govstack_cli import complete
from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import no_wait_option, option


@click.command(
    "show",
    cls=Verb,
    examples=[
        ("govstack people show zhaojian", "the seed of an administrator's codes, once"),
        ("govstack people show zhaojian --anew", "another one, since the telephone is lost"),
    ],
)
@click.argument("account", shell_complete=complete.people, help="The person's account.")
@option(
    "--anew", is_flag=True, help="Make another first; the old one ends with the next configure."
)
@no_wait_option
@pass_app
def command(app: App, account: str, *, anew: bool, no_wait: bool) -> int:
    """Show once what a person logs in with.

    Of an administrator the seed of the codes that the bastion asks for, for an application for
    codes; of others the password that they sign in to applications with. Do it with the person
    looking on: a second time it is refused.
    """
    from govstack.operations.people import show_person  # noqa: PLC0415 - keeps help instant

    with app.progress() as observer:
        result = show_person(app.target(waits=not no_wait), observer, account, anew=anew)
    return app.finish(result)
