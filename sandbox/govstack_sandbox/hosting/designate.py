"""Host designate: its API, central, worker, producer and name server in one process."""

import os
import shutil
from pathlib import Path

from govstack_sandbox.patches import messaging
from govstack_sandbox.settings import SHIPPED

started = []
"""The inner services; they live as long as the process."""


def load():
    """Start all services of designate, tell it of its name server, and return the application."""
    from oslo_service import backend

    backend.init_backend(backend.BackendType.THREADING)
    folder = Path(os.environ["OS_DESIGNATE_CONFIG_DIR"])
    # Looked for beside the configuration only
    shutil.copyfile(SHIPPED / "designate/api-paste.ini", folder / "api-paste.ini")
    from designate.wsgi.api import application

    messaging.apply()
    _start_services(folder / "pools.yaml")
    return application


def _start_services(pools):
    """Start central first, for all others ask it."""
    from designate.central import service as central
    from designate.manage import pool
    from designate.mdns import service as mdns
    from designate.producer import service as producer
    from designate.worker import service as worker

    _start(central)
    pool.PoolCommands().update(str(pools), delete=False)
    for module in (mdns, worker, producer):
        _start(module)


def _start(module):
    made = module.Service()
    made.start()
    started.append(made)
