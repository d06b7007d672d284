"""The verb `completion`."""

import click
from click.shell_completion import ShellComplete, get_completion_class

from govstack_cli.app import App
from govstack_cli.group import Verb
from govstack_cli.settings import COMPLETE_VARIABLE, PROGRAM

FILES = "~/.local/share/bash-completion/completions/govstack"


@click.command(
    "completion",
    cls=Verb,
    examples=[
        (f"govstack completion bash > {FILES}", "for new shells"),
        ("govstack completion zsh > ~/.zfunc/_govstack", "with ~/.zfunc in fpath"),
        ("govstack completion fish > ~/.config/fish/completions/govstack.fish", ""),
    ],
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), help="The shell.")
@click.pass_context
def command(context: click.Context, shell: str) -> int:
    """Print the completion script of a shell.

    Completes verbs, options, and the site's own systems, environments and stacks.
    """
    kind = get_completion_class(shell) or ShellComplete
    completer = kind(context.find_root().command, {}, PROGRAM, COMPLETE_VARIABLE)
    # Not by the subclass: for bash that runs a shell to learn its version.
    script = ShellComplete.source(completer)
    return App(context).finish_with_text({"shell": shell, "script": script}, script)
