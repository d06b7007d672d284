"""Tell a project, before it is imported, where its configuration is.

The projects read this from the environment and from ``sys.argv``, each in its own way.
"""

import os
import sys
from pathlib import Path
from typing import Final

from govstack_sandbox.layout import Layout
from govstack_sandbox.services import Service

SHIPPED: Final = Path(sys.prefix) / "etc"
"""Where pip puts the projects' own paste files and defaults."""


def point_to(service: Service, layout: Layout, *arguments: str) -> None:
    """Set environment and arguments of this process for the service."""
    os.environ.update(
        OS_KEYSTONE_CONFIG_DIR=str(layout.etc / "keystone"),
        OS_KEYSTONE_CONFIG_FILES=str(layout.etc / "keystone/keystone.conf"),
        OS_PLACEMENT_CONFIG_DIR=str(layout.etc / "placement"),
        OS_GLANCE_CONFIG_DIR=str(layout.etc / "glance"),
        OS_NOVA_CONFIG_FILES=f"{SHIPPED / 'nova/api-paste.ini'};{layout.etc / 'nova/nova.conf'}",
        OS_NOVA_DISABLE_EVENTLET_PATCHING="true",
        OS_CINDER_DISABLE_EVENTLET_PATCHING="true",
        OS_DESIGNATE_CONFIG_DIR=str(layout.etc / "designate"),
    )
    files = [str(layout.etc / name) for name in service.config]
    options = [part for file in files for part in ("--config-file", file)]
    sys.argv = [f"{service.name}-sandbox", *options, *arguments]
