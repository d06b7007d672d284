"""A folder for a cloud, and a template that is as small as tests need."""

import sqlite3
import tempfile
import unittest
from contextlib import closing
from pathlib import Path

from govstack_sandbox.credentials import ADMIN
from govstack_sandbox.layout import Layout
from govstack_sandbox.services import OPTIONAL, SERVICES


class CloudCase(unittest.TestCase):
    """Tests that need a folder of their own."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.layout = Layout(self.scratch / "cloud")


def write_template(folder: Path) -> Path:
    """Write a template with the tables that are changed when a cloud is made of it."""
    folder.mkdir()
    with closing(sqlite3.connect(folder / "keystone.sqlite")) as keystone, keystone:
        keystone.executescript(
            "CREATE TABLE local_user (id INTEGER PRIMARY KEY, name TEXT);"
            "CREATE TABLE password (local_user_id INTEGER, password_hash TEXT, created_at TEXT,"
            " created_at_int INTEGER, self_service INTEGER);"
            "CREATE TABLE service (id TEXT, type TEXT);"
            "CREATE TABLE endpoint (service_id TEXT, url TEXT);"
        )
        for name in (ADMIN, *(service.name for service in SERVICES)):
            keystone.execute("INSERT INTO local_user (name) VALUES (?)", (name,))
        for service in SERVICES:
            keystone.execute("INSERT INTO service VALUES (?, ?)", (service.name, service.type))
            keystone.execute("INSERT INTO endpoint VALUES (?, '')", (service.name,))
    with closing(sqlite3.connect(folder / "nova_api.sqlite")) as nova, nova:
        nova.execute("CREATE TABLE cell_mappings (name TEXT, database_connection TEXT)")
        nova.execute("INSERT INTO cell_mappings VALUES ('cell0', ''), ('cell1', '')")
    for service in (*SERVICES, *OPTIONAL):
        for name in service.databases:
            (folder / f"{name}.sqlite").touch()
    return folder


def rows(database: Path, query: str) -> list[tuple]:
    """Return what the query finds."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()
