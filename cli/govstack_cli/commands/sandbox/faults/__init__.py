"""The verb `sandbox faults`, with one module for each of its own verbs."""

import click

from govstack_cli.group import LazyGroup, Section


@click.command(
    "faults",
    cls=LazyGroup,
    package=__name__,
    sections=(
        Section(
            "Verbs",
            {
                "list": "Show which faults there are, and how often each has struck.",
                "set": "Have calls to the embedded cloud fail, in place of the faults there were.",
                "clear": "Have calls to the embedded cloud fail no more.",
            },
        ),
    ),
    subcommand_metavar="VERB [ARGS]...",
)
def command() -> None:
    """Make the embedded cloud one that is in trouble.

    To see what a run does about it, before a real cloud shows.  Only runs of govstack meet the
    faults; the cloud's own services do not.  They last until they are cleared or the cloud is
    reset.
    """
