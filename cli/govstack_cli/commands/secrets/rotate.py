"""The verb `secrets rotate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import option, systems_argument

if TYPE_CHECKING:
    from govstack.operations.report import RunReport
    from govstack.operations.report_state import RotationReport
    from govstack.values.result import Result


@click.command(
    "rotate",
    cls=Verb,
    examples=[
        ("govstack secrets rotate", "when a machine that had the passphrase is gone"),
        ("govstack secrets rotate --passwords app-oa", "when somebody saw what the system uses"),
    ],
)
@systems_argument
@option(
    "--passwords",
    is_flag=True,
    help="Change the passwords of service users and of credentials, not the passphrase.",
)
@option("-y", "--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@pass_app
def command(app: App, systems: tuple[str, ...], *, passwords: bool, yes: bool) -> int:
    """Make a new passphrase, or new passwords in the cloud.

    With a new passphrase (or a new key, where the environment's file names a key manager) all
    that is kept is encrypted anew, in its store too; automatic backups are removed, since the old
    one opens them; the next `up` looks at every system once.
    """
    from govstack.operations.passwords import renew  # noqa: PLC0415 - keeps help instant
    from govstack.operations.secrets import rotate  # noqa: PLC0415 - as above

    if systems and not passwords:
        raise click.UsageError(
            "The passphrase is of the whole environment; for systems: --passwords."
        )
    question = (
        "Make new passwords, and give them to the cloud?"
        if passwords
        else "Make a new passphrase? Other machines need a copy of it then."
    )
    if not app.agreed(question, yes=yes):
        return 0
    result: Result[RunReport] | Result[RotationReport]
    with app.progress() as observer:
        if passwords:
            result = renew(app.target(), observer, systems=systems)
        else:
            result = rotate(app.target(), observer)
    return app.finish(result)
