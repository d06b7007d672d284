"""Host cinder: its API, scheduler and volume service in one process."""

from govstack_sandbox.patches import messaging

started = []
"""The inner services; they live as long as the process."""


def load():
    """Start all services of cinder and return the application."""
    from cinder import monkey_patch

    monkey_patch.patch()
    messaging.apply()
    from cinder.wsgi.api import application

    _start_services()
    return application


def _start_services():
    """Start the volume service first, so that the scheduler knows its capacity at once."""
    import os_brick
    from cinder.common import constants
    from oslo_config import cfg

    from govstack_sandbox.patches import cinder_encryption, cinder_service

    cinder_encryption.apply()
    cinder_service.apply()
    os_brick.setup(cfg.CONF)
    for backend in cfg.CONF.enabled_backends:
        cfg.CONF.register_opt(cfg.StrOpt("backend_host"), group=backend)
        _start(
            host=f"{cfg.CONF.host}@{backend}",
            service_name=backend,
            binary=constants.VOLUME_BINARY,
            coordination=True,
            cluster=None,
        )
    _start(binary=constants.SCHEDULER_BINARY)


def _start(**options):
    from govstack_sandbox.patches.cinder_service import OwnService

    made = OwnService.create(**options)
    made.start()
    made.report_state()  # at once, so that it does not count as down
    started.append(made)
