"""Make a new cloud from the template: its own secrets, ports and addresses."""

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import bcrypt

from govstack_sandbox import credentials
from govstack_sandbox.configure import write_configuration
from govstack_sandbox.credentials import Passwords
from govstack_sandbox.layout import FILE_MODE, Layout
from govstack_sandbox.ports import Ports, choose_ports, save_ports
from govstack_sandbox.services import SERVICES, Service

HASH_ROUNDS = 4
"""As ``password_hash_rounds`` in keystone's configuration."""


def restore(layout: Layout, template: Path) -> None:
    """Make the cloud; what an interrupted attempt left is removed first."""
    for folder in (layout.etc, layout.db, layout.data):
        shutil.rmtree(folder, ignore_errors=True)
    layout.create()
    copy_databases(layout, template, SERVICES)
    ports, passwords = choose_ports(SERVICES), credentials.generate_passwords()
    credentials.write_keys(layout)
    write_configuration(layout, ports, passwords)
    credentials.save_passwords(layout, passwords)
    credentials.write_clouds(layout, ports, passwords)
    _set_passwords(layout, passwords)
    _set_endpoints(layout, ports)
    _set_cells(layout)
    save_ports(layout, ports)  # last: it makes the cloud complete


def copy_databases(layout: Layout, template: Path, services: Iterable[Service]) -> None:
    """Give the services their databases, as the template has them."""
    for service in services:
        for name in service.databases:
            path = layout.database(name)
            for leftover in layout.db.glob(f"{path.name}*"):
                leftover.unlink()
            shutil.copyfile(template / path.name, path)
            path.chmod(FILE_MODE)


def _set_passwords(layout: Layout, passwords: Passwords) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    microseconds = int(now.replace(tzinfo=UTC).timestamp() * 1_000_000)
    with closing(sqlite3.connect(layout.database("keystone"))) as keystone, keystone:
        for user, password in passwords.items():
            hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(HASH_ROUNDS)).decode()
            keystone.execute(
                "INSERT INTO password (local_user_id, password_hash, created_at, created_at_int,"
                " self_service) SELECT id, ?, ?, ?, 0 FROM local_user WHERE name = ?",
                (hashed, now.isoformat(" "), microseconds, user),
            )


def _set_endpoints(layout: Layout, ports: Ports) -> None:
    with closing(sqlite3.connect(layout.database("keystone"))) as keystone, keystone:
        for service in SERVICES:
            keystone.execute(
                "UPDATE endpoint SET url = ?"
                " WHERE service_id = (SELECT id FROM service WHERE type = ?)",
                (service.endpoint(ports.services[service.name]), service.type),
            )


def _set_cells(layout: Layout) -> None:
    with closing(sqlite3.connect(layout.database("nova_api"))) as nova, nova:
        for cell in ("cell0", "cell1"):
            nova.execute(
                "UPDATE cell_mappings SET database_connection = ? WHERE name = ?",
                (f"sqlite:///{layout.database(f'nova_{cell}')}", cell),
            )
