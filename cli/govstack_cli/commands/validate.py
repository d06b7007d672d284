"""The verb `validate`."""

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb


@click.command(
    "validate",
    cls=Verb,
    examples=[
        ("govstack validate", "all mistakes at once, with file and line"),
        ("govstack validate -o json", "the same for a pipeline"),
    ],
)
@pass_app
def command(app: App) -> int:
    """Check the site's files.

    Reads nothing but files: no cloud and no state are needed.
    """
    from govstack.operations.validate import validate  # noqa: PLC0415 - keeps help instant

    return app.finish(validate(app.target()))
