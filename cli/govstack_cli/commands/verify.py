"""The verb `verify`."""

import click

from govstack_cli import complete
from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import option, systems_argument

EVERY_SECONDS = 60


@click.command(
    "verify",
    cls=Verb,
    examples=[
        ("govstack verify", "all paths, and all services of configured hosts"),
        ("govstack verify dat-rdb --probe database", "what one role of one system does"),
        ("govstack verify --watch 30", "every 30 seconds, until Ctrl-C; only changes are told"),
        ("govstack verify --list", "which probes there are"),
    ],
)
@systems_argument
@option(
    "--host",
    "hosts",
    multiple=True,
    metavar="NODE",
    envvar="GOVSTACK_VERIFY_HOST",
    shell_complete=complete.nodes,
    help="Only from this host, and what it does for others; may be given more than once.",
)
@option(
    "--probe",
    "probes",
    multiple=True,
    metavar="NAME",
    envvar="GOVSTACK_VERIFY_PROBE",
    help="Only this probe, such as database.copy, or all of a role; no paths. May be given more "
    "than once.",
)
@option("--list", "lists", is_flag=True, help="Try nothing; tell which probes there are.")
@option(
    "--disturb",
    is_flag=True,
    help="Also try what disturbs those who use the city for a while: services are stopped, quotas "
    "used up, a copy of a database made. All is put back, even after Ctrl-C.",
)
@option(
    "--watch",
    type=click.IntRange(min=1),
    metavar="[SECONDS]",
    is_flag=False,
    flag_value=EVERY_SECONDS,
    help="Verify again and again, with so many seconds between (60 if none are given), until "
    "Ctrl-C; after the first time only changes are told.",
)
@pass_app
def command(  # noqa: PLR0913 - one for each option
    app: App,
    systems: tuple[str, ...],
    *,
    hosts: tuple[str, ...],
    probes: tuple[str, ...],
    lists: bool,
    disturb: bool,
    watch: int | None,
) -> int:
    """Try from inside the hosts whether what the site says is so.

    Every path that flows and uses open must be open, on packets, and every other one closed. And
    the services of hosts that are configured must do their work: each role comes with probes that
    try it, from those hosts that use it. Exit code 8 if something is not as it should be.
    """
    from govstack.operations.verify_wish import VerifyWish  # noqa: PLC0415 - keeps help instant

    target = app.target()
    if lists:
        from govstack.operations.verify_list import list_probes  # noqa: PLC0415 - as above

        return app.finish(list_probes(target))
    from govstack.operations.verify import verify  # noqa: PLC0415 - as above

    if watch and disturb:
        raise click.UsageError("what disturbs is not repeated: --watch or --disturb, not both")
    wish = VerifyWish(systems=systems, hosts=hosts, probes=probes, disturb=disturb)
    with app.progress() as observer:
        result = verify(target, observer, wish)
    code = app.finish(result)
    if not watch:
        return code
    from govstack.operations.verify_watch import changes  # noqa: PLC0415 - as above

    try:
        for change in changes(target, wish, result.data, every=watch):
            code = app.finish(change)
    except KeyboardInterrupt:
        return code  # how one ends it, and no failure
    return code
