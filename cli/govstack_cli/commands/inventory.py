"""The verb `inventory`."""

from typing import TYPE_CHECKING, Final

import click

from govstack_cli import complete
from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import option

if TYPE_CHECKING:
    from govstack.operations.target import Target

TREE: Final = "tree"
YAML: Final = "yaml"


@click.command(
    "inventory",
    cls=Verb,
    examples=[
        ("govstack inventory", "all hosts by layer and system"),
        ("govstack inventory yz-dat-dsjj-rdb-db-001", "all that is said of one host"),
        (
            "govstack inventory --write",
            "files for ansible -i inventories/NAME/generated/sandbox/...",
        ),
        ("govstack inventory --list", "as Ansible's inventory scripts answer"),
    ],
)
@click.argument(
    "subject",
    required=False,
    default="",
    metavar="[SYSTEM|HOST]",
    shell_complete=complete.systems,
    help="A system or a host; all hosts if none is named.",
)
@option(
    "--format",
    "form",
    envvar="GOVSTACK_INVENTORY_FORMAT",
    type=click.Choice([TREE, YAML]),
    default=TREE,
    show_default=True,
    help="A tree to read, or an inventory file of Ansible; JSON is had with --output json.",
)
@option(
    "--list",
    "lists",
    is_flag=True,
    envvar="GOVSTACK_INVENTORY_LIST",
    help="Answer as Ansible wants inventory scripts to: all groups, hosts and variables.",
)
@option("--host", metavar="NAME", help="Answer so with the variables of one host.")
@option(
    "--write",
    is_flag=True,
    help="Write inventory.yaml, inventory.sh and govstack.yml into generated/ENVIRONMENT of the "
    "site. Where they are, up writes them anew.",
)
@option(
    "--allow-stale",
    is_flag=True,
    help="Take what is recorded even if it may not be true any more.",
)
@pass_app
def command(  # noqa: PLR0913 - one for each option
    app: App,
    subject: str,
    *,
    form: str,
    lists: bool,
    host: str | None,
    write: bool,
    allow_stale: bool,
) -> int:
    """Show the hosts as Ansible is to know them.

    From the site and from what was recorded when its systems were last run; no cloud is asked.
    Refused while that may not be true any more.
    """
    forms = [bool(subject) or form != TREE, lists, host is not None, write]
    if sum(forms) > 1:
        raise click.UsageError(
            "--list, --host and --write exclude each other, and SYSTEM, HOST and --format"
        )
    target = app.target()
    if host is not None:
        from govstack.operations.inventory import host_variables  # noqa: PLC0415 - help is instant

        return app.finish_as_is(host_variables(target, host, allow_stale=allow_stale))
    if lists or form == YAML:
        return _document(
            app, target, "" if lists else subject, lists=lists, allow_stale=allow_stale
        )
    from govstack.operations import inventory as operations  # noqa: PLC0415 - help is instant

    if write:
        return app.finish(operations.write(target, allow_stale=allow_stale))
    return app.finish(operations.inventory(target, subject, allow_stale=allow_stale))


def _document(app: App, target: "Target", subject: str, *, lists: bool, allow_stale: bool) -> int:
    from govstack.operations.inventory import as_yaml, listed  # noqa: PLC0415 - help is instant

    if lists:
        return app.finish_as_is(listed(target, allow_stale=allow_stale))
    return app.finish_as_is(as_yaml(target, subject, allow_stale=allow_stale))
