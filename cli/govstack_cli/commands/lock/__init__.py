"""The verb `lock`, with one module for each of its own verbs."""

import click

from govstack_cli.group import LazyGroup, Section


@click.command(
    "lock",
    cls=LazyGroup,
    package=__name__,
    sections=(
        Section(
            "Verbs",
            {
                "show": "Show who holds the environment.",
                "take": "Hold the environment, so that nobody else changes it.",
                "release": "Give the environment back.",
                "break": "End whatever holds the environment.",
            },
        ),
    ),
    subcommand_metavar="VERB [ARGS]...",
)
def command() -> None:
    """Show and change who holds the environment.

    Each run holds it while it changes the cloud, and frees it whatever happens: a run that died
    is recognised. People can hold it too, for as long as a piece of work takes.
    """
