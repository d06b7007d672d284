"""The embedded cloud, for development and tests: real OpenStack services on this machine.

Servers are real hosts where the machine allows it (`hosts`), and entries in a database where it
does not; whoever may use the machine may reach the APIs: never put anything into it that matters.

This package installs, starts and asks; what runs inside is the package ``govstack_sandbox``, in
an environment of its own.
"""

from govstack.sandbox.base import RECIPES
from govstack.sandbox.connect import CLOUD_NAME, Connection, connection
from govstack.sandbox.environment import installed, openstack_client
from govstack.sandbox.hosts import base_for, has_hosts, lacking, most_hosts
from govstack.sandbox.lifecycle import remove, reset, start, stop
from govstack.sandbox.logs import logs
from govstack.sandbox.reaching import OPERATOR, connect, have_machines, host_keys, pump
from govstack.sandbox.status import CloudState, SandboxStatus, ServiceStatus, status
from govstack.sandbox.wanted import OPTIONAL

__all__ = [
    "CLOUD_NAME",
    "OPERATOR",
    "OPTIONAL",
    "RECIPES",
    "CloudState",
    "Connection",
    "SandboxStatus",
    "ServiceStatus",
    "base_for",
    "connect",
    "connection",
    "has_hosts",
    "have_machines",
    "host_keys",
    "installed",
    "lacking",
    "logs",
    "most_hosts",
    "openstack_client",
    "pump",
    "remove",
    "reset",
    "start",
    "status",
    "stop",
]
