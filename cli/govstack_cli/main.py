"""The program `govstack`: its verbs, and the one boundary where errors become exit codes."""

import os
import signal
import sys
from collections.abc import Sequence
from typing import Final

import click

from govstack import __version__
from govstack_cli import boundary
from govstack_cli.group import LazyGroup, Section
from govstack_cli.settings import COMPLETE_VARIABLE, PROGRAM
from govstack_cli.terminal import prepare_streams

SECTIONS: Final = (
    Section(
        "Describe",
        {
            "init": "Make a new site: its files, with comments, ready to be planned.",
            "validate": "Check the site's files.",
            "explain": "Tell what a setting means and where its value comes from.",
            "plan": "Show what follows from the site, without a cloud.",
            "allocate": "Give every node its address, for good.",
            "moved": "Give a system another id in the site's files.",
            "schema": "Print the JSON schema of the site's files, for editors.",
        },
    ),
    Section(
        "Change",
        {
            "preview": "Show what up would change.",
            "up": "Make the cloud what the site says, then its hosts, then prove it.",
            "configure": "Make the hosts what the site says.",
            "rebuild": "Give nodes the image that is declared.",
            "down": "Remove systems from the cloud.",
            "sweep": "Remove what is ours in the cloud and in no state.",
        },
    ),
    Section(
        "Look",
        {
            "status": "Show systems, nodes and addresses as last recorded.",
            "outputs": "Show what systems give to others.",
            "inventory": "Show the hosts as Ansible is to know them.",
            "verify": "Try from inside the hosts whether what the site says is so.",
            "ssh": "Log in to a node of the embedded cloud.",
            "certificates": "Look after the certificates of the site's own authorities.",
            "people": "Show who has accounts, and give people what they log in with.",
            "doctor": "Check what this machine needs.",
        },
    ),
    Section(
        "Tools",
        {
            "lock": "Show and change who holds the environment.",
            "state": "Look after what is kept of the environment.",
            "secrets": "Look after the secrets of the environment.",
            "sandbox": "Run the embedded cloud.",
            "pulumi": "Run Pulumi's own CLI on one stack.",
            "completion": "Print the completion script of a shell.",
        },
    ),
)


@click.command(
    PROGRAM,
    cls=LazyGroup,
    package="govstack_cli.commands",
    sections=SECTIONS,
    subcommand_metavar="VERB [ARGS]...",
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": PROGRAM.upper(),
        "max_content_width": 100,
    },
    examples=[
        ("govstack preview", "what would change in the embedded cloud"),
        ("govstack up", "from nothing to a running cloud"),
        ("govstack -e production status", "how production is"),
    ],
)
@click.version_option(__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")
def cli() -> None:
    """Provision a government cloud (政务云) on OpenStack: declared, previewed, accounted for."""


def main(args: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code."""
    prepare_streams()
    # Whoever ends us politely wants what Ctrl-C does: what is under way is finished or recorded.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if COMPLETE_VARIABLE in os.environ:
        cli.main(prog_name=PROGRAM, complete_var=COMPLETE_VARIABLE)
    return boundary.run(cli, tuple(sys.argv[1:] if args is None else args))
