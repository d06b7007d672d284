"""The verb `configure`."""

import click

from govstack_cli import complete
from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import no_wait_option, option, systems_argument


@click.command(
    "configure",
    cls=Verb,
    examples=[
        ("govstack configure", "all hosts that are not as declared"),
        ("govstack configure dat-rdb --check --diff", "what would change on one system's hosts"),
        ("govstack configure --role firewall --all", "one role on every host"),
    ],
)
@systems_argument
@option(
    "--host",
    "hosts",
    multiple=True,
    metavar="NODE",
    envvar="GOVSTACK_CONFIGURE_HOST",
    shell_complete=complete.nodes,
    help="Only this host; may be given more than once.",
)
@option(
    "--role",
    "roles",
    multiple=True,
    metavar="ROLE",
    envvar="GOVSTACK_CONFIGURE_ROLE",
    help="Only this role, such as firewall, whether or not it has changed; may be given more than "
    "once.",
)
@option("--check", is_flag=True, help="Change nothing; tell what would change.")
@option("--diff", is_flag=True, help="Show what changes in files. Secrets are never shown.")
@option(
    "--all",
    "everything",
    is_flag=True,
    envvar="GOVSTACK_CONFIGURE_ALL",
    help="Run also hosts that are as they were left.",
)
@option(
    "--no-mitogen",
    is_flag=True,
    help="Go by Ansible's own connections, though mitogen is installed.",
)
@no_wait_option
@pass_app
def command(  # noqa: PLR0913 - one for each option
    app: App,
    systems: tuple[str, ...],
    *,
    hosts: tuple[str, ...],
    roles: tuple[str, ...],
    check: bool,
    diff: bool,
    everything: bool,
    no_mitogen: bool,
    no_wait: bool,
) -> int:
    """Make the hosts what the site says.

    By the roles of the collection govstack.base, over ssh. A host whose roles, variables and
    secrets are those that it was last configured with is only asked whether it is well. If a host
    fails the others are done all the same, and the next run takes up those that failed.
    """
    from govstack.operations.configure import configure  # noqa: PLC0415 - keeps help instant
    from govstack.operations.wish import Wish  # noqa: PLC0415 - as above

    wish = Wish(
        systems=systems,
        hosts=hosts,
        roles=roles,
        check=check,
        diff=diff,
        everything=everything,
        fast=not no_mitogen,
    )
    target = app.target(waits=not no_wait)
    with app.progress() as observer:
        result = configure(target, observer, wish, program=app.program(target))
    return app.finish(result)
