"""The verb `explain`."""

import click

from govstack_cli import complete
from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command(
    "explain",
    cls=Verb,
    examples=[
        ("govstack explain zones.PUB.supernet", "one key"),
        ("govstack explain systems.app-oa", "all keys of a system, and what follows for its nodes"),
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
@pass_app
def command(app: App, path: str) -> int:
    """Tell what a setting means and where its value comes from.

    Shows the file and line that count in this environment, and those that they override. The
    site need not be valid.
    """
    from govstack.operations.explain import explain  # noqa: PLC0415 - keeps help instant

    return app.finish(explain(app.target(), path))
