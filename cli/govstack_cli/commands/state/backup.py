"""The verb `state backup`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from govstack_cli.app import App, pass_app
from govstack_cli.group import Verb
from govstack_cli.options import option


@click.command(
    "backup",
    cls=Verb,
    examples=[("govstack state backup --to /mnt/safe/yunzhou.tar.gz", "a copy somewhere safe")],
)
@option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; named by environment and time in this folder if not given.",
)
@pass_app
def command(app: App, *, to: Path | None) -> int:
    """Write the state into one file.

    It is sealed with the environment's passphrase, which it does not hold. Automatic backups are
    made before every change, but stay beside the state.
    """
    from govstack.operations.state import backup  # noqa: PLC0415 - keeps help instant

    target = app.target()
    time = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = to or Path(f"{target.root.resolve().name}-{target.environment}-{time}.tar.gz")
    with app.progress() as observer:
        result = backup(target, observer, path)
    return app.finish(result)
