"""Let several services of cinder live in one process.

``Service.service_id`` is a class attribute: without this, each service reports the state of the
one that was started last, and the others count as dead.
"""

import threading

from cinder import service

from govstack_sandbox.patches.versions import require

EXPECTED = {"cinder": "29.0.0"}
_reporting = threading.Lock()


class OwnService(service.Service):
    """A service that reports its own state."""

    def report_state(self):
        """Report under the identity that this service started with."""
        with _reporting:
            service.Service.service_id = self.origin_service_id
            super().report_state()


def apply() -> None:
    """Check that the class is the one that was looked at."""
    require(EXPECTED)
