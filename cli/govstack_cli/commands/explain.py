"""The verb `explain`."""

import click

from govstack_cli import complete
from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import option


@click.command(
    "explain",
    cls=Verb,
    examples=[
        ("govstack explain zones.PUB.supernet", "one key"),
        ("govstack explain systems.app-oa", "all keys of a system, and what follows for its nodes"),
        ("govstack explain --why app-oa", "what has changed since it was last run"),
        ("govstack -e production explain catalog.images", "what overlays make of it"),
    ],
)
@click.argument(
    "path",
    default="",
    metavar="[PATH]",
    shell_complete=complete.settings_paths,
    help="Keys of site.yaml joined by dots, or systems.ID, environment, profile and keys below "
    "them; everything there is if left out.",
)
@option(
    "--why",
    "asks_why",
    is_flag=True,
    envvar="GOVSTACK_EXPLAIN_WHY",
    help="Tell why up would run a system: what has changed.",
)
@pass_app
def command(app: App, path: str, *, asks_why: bool) -> int:
    """Tell what a setting means and where its value comes from.

    Shows the file and line that count in this environment, and those that they override. The
    site need not be valid. With --why, PATH is the id of a system; all that have changed if it
    is left out.
    """
    if asks_why:
        from govstack.operations.why import why  # noqa: PLC0415 - keeps help instant

        return app.finish(why(app.target(), path.removeprefix("systems.")))
    from govstack.operations.explain import explain  # noqa: PLC0415 - keeps help instant

    return app.finish(explain(app.target(), path))
