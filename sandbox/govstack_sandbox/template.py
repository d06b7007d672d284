"""Build the template that clouds start from: migrated databases, without any secret."""

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

from govstack_sandbox.configure import write_configuration
from govstack_sandbox.credentials import ADMIN, generate_passwords, write_keys
from govstack_sandbox.layout import Layout
from govstack_sandbox.ports import Ports
from govstack_sandbox.services import OPTIONAL, SERVICES

LONGEST_FIRST: Final = (
    "nova",
    "neutron",
    "keystone",
    "cinder",
    "designate",
    "octavia",
    "barbican",
    "glance",
    "placement",
)
SHOWN: Final = 20
"""Lines of a failed migration's output that are shown."""


class MigrationFailed(RuntimeError):
    """A project's databases could not be made; holds the end of its output."""


def build_template(target: Path) -> None:
    """Migrate all databases beside `target`, strip them, and put them there.

    Raises:
        MigrationFailed: with the output of the first project that failed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".template-") as scratch:
        layout = Layout(Path(scratch) / "cloud")
        layout.create()
        services = (*SERVICES, *OPTIONAL)
        inner = (name for service in services for name in service.inner)
        ports = Ports(dict.fromkeys((one.name for one in services), 0), dict.fromkeys(inner, 0))
        passwords = generate_passwords((ADMIN, *(service.name for service in services)))
        write_configuration(layout, ports, passwords, services)
        write_keys(layout)
        _migrate(layout)
        for database in sorted(layout.db.glob("*.sqlite")):
            _strip(database)
        _put(layout.db, target)


def _migrate(layout: Layout) -> None:
    running = {name: _start(layout, name) for name in LONGEST_FIRST}
    codes = {name: process.wait() for name, process in running.items()}
    for name, code in codes.items():
        if code:
            output = layout.output(name).read_text(encoding="utf-8", errors="replace")
            end = "\n".join(output.splitlines()[-SHOWN:])
            message = f"the migrations of {name} failed with code {code}:\n{end}"
            raise MigrationFailed(message)


def _start(layout: Layout, name: str) -> subprocess.Popen[bytes]:
    with layout.output(name).open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", "-m", "govstack_sandbox", "migrate", name, str(layout.root)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def _strip(database: Path) -> None:
    """Remove what a cloud must not share, from the freed pages too."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        if database.stem == "keystone":
            connection.execute("DELETE FROM password")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("VACUUM")


def _put(built: Path, target: Path) -> None:
    """Replace the template, so that none or a whole one is there."""
    if target.exists():
        shutil.rmtree(target)
    built.rename(target)
