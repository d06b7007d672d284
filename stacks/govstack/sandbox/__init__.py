"""The embedded cloud, for development and tests: real OpenStack services on this machine.

There is no hypervisor, no data plane and no storage behind its APIs, and whoever may use the
machine may reach them: never put anything into it that matters.

This package installs, starts and asks; what runs inside is the package ``govstack_sandbox``, in
an environment of its own.
"""

from govstack.sandbox.connect import CLOUD_NAME, Connection, connection
from govstack.sandbox.environment import installed, openstack_client
from govstack.sandbox.lifecycle import remove, reset, start, stop
from govstack.sandbox.logs import logs
from govstack.sandbox.status import CloudState, SandboxStatus, ServiceStatus, status
from govstack.sandbox.wanted import OPTIONAL

__all__ = [
    "CLOUD_NAME",
    "OPTIONAL",
    "CloudState",
    "Connection",
    "SandboxStatus",
    "ServiceStatus",
    "connection",
    "installed",
    "logs",
    "openstack_client",
    "remove",
    "reset",
    "start",
    "status",
    "stop",
]
