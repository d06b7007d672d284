"""Host barbican, which keeps secrets without help from others: an API and nothing else."""

import sys
from pathlib import Path

from govstack_sandbox.layout import Layout
from govstack_sandbox.patches import barbican_sessions, barbican_settings
from govstack_sandbox.settings import SHIPPED


def load():
    """Return the application."""
    barbican_settings.apply(_layout())
    barbican_sessions.apply()
    from paste import deploy

    application = deploy.loadapp(f"config:{SHIPPED / 'barbican/barbican-api-paste.ini'}")
    from barbican.common import policy

    # Several first requests at once would make it together, and find it half made.
    policy.get_enforcer()
    return application


def _layout():
    """Find the cloud by the configuration file that this process was given."""
    return Layout(Path(sys.argv[sys.argv.index("--config-file") + 1]).parents[2])
