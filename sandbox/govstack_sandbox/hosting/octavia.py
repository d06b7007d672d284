"""Host octavia's API; the driver that stands in for its workers lives in the same process."""

from govstack_sandbox.patches import octavia_sessions


def load():
    """Return the application, which settles what a request has left to be done."""
    from octavia.common import config  # noqa: F401 - registers the settings
    from oslo_config import cfg

    cfg.CONF.set_override("pool_timeout", None, group="database")
    octavia_sessions.apply()
    from octavia.wsgi.api import application

    from govstack_sandbox.drivers import balancing

    balancing.settle()
    return balancing.settling(application)
