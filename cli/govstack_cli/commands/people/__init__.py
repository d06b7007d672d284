"""The verb `people`, with one module for each of its own verbs."""

import click

from govstack_cli.group import LazyGroup, Section


@click.command(
    "people",
    cls=LazyGroup,
    package=__name__,
    sections=(
        Section(
            "Verbs",
            {
                "list": "Show who has accounts, and where each comes to.",
                "show": "Show once what a person logs in with.",
            },
        ),
    ),
    subcommand_metavar="VERB [ARGS]...",
)
def command() -> None:
    """Show who has accounts, and give people what they log in with.

    Who they are stands in site.yaml, under `people`; hosts know them from the next `configure` on.
    """
