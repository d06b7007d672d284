"""The verb `sandbox`, with one module for each of its own verbs."""

import click

from govstack_cli.group import LazyGroup, Section


@click.command(
    "sandbox",
    cls=LazyGroup,
    package=__name__,
    sections=(
        Section(
            "Verbs",
            {
                "start": "Start the embedded cloud.",
                "stop": "Stop the embedded cloud.",
                "status": "Show how its services are.",
                "connect": "Connect to a server of the embedded cloud from outside.",
                "faults": "Make the embedded cloud one that is in trouble.",
                "logs": "Show what its services write.",
                "reset": "Start over with an empty cloud.",
                "remove": "Remove the embedded cloud.",
            },
        ),
    ),
    subcommand_metavar="VERB [ARGS]...",
)
def command() -> None:
    """Run the embedded cloud.

    Real OpenStack services in a few processes, for environments with `profile: sandbox`.  It is for
    development and tests.  Servers are real hosts where this machine allows it, and entries in a
    database where it does not; everybody on this machine can reach its APIs.
    """
