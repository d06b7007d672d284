"""The verb `up`."""

from dataclasses import replace

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import no_wait_option, option, systems_argument


@click.command(
    "up",
    cls=Verb,
    examples=[
        ("govstack up", "the whole site, after a question"),
        ("govstack up --yes app-oa", "one system, unasked"),
        ("govstack up --with-dependencies app-oa", "one system with all that it needs"),
    ],
)
@systems_argument
@option("-y", "--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@option(
    "--all",
    "everything",
    is_flag=True,
    envvar="GOVSTACK_UP_ALL",
    help="Run the engine also on unchanged systems.",
)
@option(
    "--with-dependencies",
    is_flag=True,
    help="Also run what the named systems need, if it has changes.",
)
@option(
    "--allow-delete",
    type=click.IntRange(min=0),
    metavar="N",
    help="How many resources that hold data may be deleted or replaced. Default: "
    "policy.max_deletes of the site; no limit where the environment is disposable.",
)
@option(
    "--cloud-only",
    is_flag=True,
    help="Leave what is on the hosts alone, and verify nothing.",
)
@no_wait_option
@pass_app
def command(  # noqa: PLR0913 - one for each option
    app: App,
    systems: tuple[str, ...],
    *,
    yes: bool,
    everything: bool,
    with_dependencies: bool,
    allow_delete: int | None,
    cloud_only: bool,
    no_wait: bool,
) -> int:
    """Make the cloud what the site says, then its hosts, then prove it.

    Shows the preview first and asks. What has not changed since its last run is not run again.
    Named systems are refused while others that they need have changes. Then hosts are configured
    as by configure, and what was made is tried as by verify.
    """
    from govstack.operations.inventory import refresh  # noqa: PLC0415 - as above
    from govstack.operations.latitude import Latitude  # noqa: PLC0415 - as above
    from govstack.operations.up import up  # noqa: PLC0415 - keeps help instant

    confirm = app.confirmation(yes=yes)
    latitude = Latitude(with_dependencies=with_dependencies, allow_delete=allow_delete)
    target = app.target(waits=not no_wait)
    with app.progress(foresees=confirm is not None) as observer:
        result = up(
            target,
            observer,
            program=app.program(target),
            systems=systems,
            everything=everything,
            cloud_only=cloud_only,
            latitude=latitude,
            confirm=confirm,
            agree=app.hosts_agreement(yes=yes),
        )
    notes = (*result.notes, *refresh(target, app.program(target)))
    return app.finish(replace(result, notes=notes))
