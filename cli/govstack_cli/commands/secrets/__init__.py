"""The verb `secrets`, with one module for each of its own verbs."""

import click

from govstack_cli.group import LazyGroup, Section


@click.command(
    "secrets",
    cls=LazyGroup,
    package=__name__,
    sections=(
        Section(
            "Verbs",
            {"rotate": "Make a new passphrase, or new passwords in the cloud."},
        ),
    ),
    subcommand_metavar="VERB [ARGS]...",
)
def command() -> None:
    """Look after the secrets of the environment."""
