"""The verb `certificates`, with one module for each of its own verbs."""

import click

from govstack_cli.group import LazyGroup, Section


@click.command(
    "certificates",
    cls=LazyGroup,
    package=__name__,
    sections=(
        Section(
            "Verbs",
            {
                "list": "Show which certificates there are, and how each does.",
                "show": "Show the certificates of one host.",
                "renew": "Make what is missing, changed or soon past its day.",
            },
        ),
    ),
    subcommand_metavar="VERB [ARGS]...",
)
def command() -> None:
    """Look after the certificates of the site's own authorities.

    Servers are known, and services encrypted, by certificates that the environment signs itself;
    its keys are in an Ansible Vault file that the environment's passphrase opens.
    """
