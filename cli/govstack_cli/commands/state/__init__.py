"""The verb `state`, with one module for each of its own verbs."""

import click

from govstack_cli.group import LazyGroup, Section


@click.command(
    "state",
    cls=LazyGroup,
    package=__name__,
    sections=(
        Section(
            "Verbs",
            {
                "list": "Show where the state is, its stacks and its backups.",
                "backup": "Write the state into one file.",
                "restore": "Make the state what it was in a backup.",
                "move": "Move the state to another store.",
            },
        ),
    ),
    subcommand_metavar="VERB [ARGS]...",
)
def command() -> None:
    """Look after what is kept of the environment.

    The engine's state, the records and the passwords; the passphrase that seals them is a file
    of its own, of which you need a copy elsewhere.
    """
