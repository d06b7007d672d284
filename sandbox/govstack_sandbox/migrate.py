"""Migrate the databases of one project, in a process of its own."""

import importlib
from pathlib import Path

from govstack_sandbox.layout import Layout
from govstack_sandbox.patches import sqlite
from govstack_sandbox.services import service_of
from govstack_sandbox.settings import point_to


def migrate(name: str, root: Path) -> None:
    """Run all migrations of the project in the cloud at `root`."""
    layout = Layout(root)
    point_to(service_of(name), layout)
    sqlite.apply()
    importlib.import_module(f"govstack_sandbox.migrations.{name}").run(layout)
