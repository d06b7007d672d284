"""The verb `schema`."""

import sys

import click

from govstack_cli.app import App, pass_app
from govstack_cli.envelope import to_json
from govstack_cli.group import Verb
from govstack_cli.terminal import speaks_unicode


@click.command(
    "schema",
    cls=Verb,
    examples=[
        ("govstack schema site > site.schema.json", "what may stand in site.yaml"),
        ("govstack schema", "all schemas, by name"),
    ],
)
@click.argument(
    "name",
    required=False,
    type=click.Choice(["site", "system", "environment", "profile"]),
    metavar="[KIND]",
    help="Which file: site, system, environment or profile; all of them if none is named.",
)
@pass_app
def command(app: App, name: str | None) -> int:
    """Print the JSON schema of the site's files, for editors."""
    from govstack.operations.schema import schema  # noqa: PLC0415 - keeps help instant

    data = schema(name).data
    return app.finish_with_text(data, to_json(data, unicode=speaks_unicode(sys.stdout)))
