"""Host nova: its API, conductor, scheduler and all computes in one process."""

import sys

from govstack_sandbox.patches import allocations, detach, messaging
from govstack_sandbox.services import COMPUTES

started = []
"""The inner services; they live as long as the process."""


def load():
    """Start all services of nova, make their hosts known, and return the application."""
    from nova.wsgi.osapi_compute import application

    messaging.apply()
    allocations.apply()
    detach.apply()
    _prepare()
    for host, binary, topics in _services():
        started.append(_start(host, binary, topics))
    _map_hosts()
    return application


def _prepare():
    """Do what nova's own programs do before they start a service."""
    import nova.conf
    import os_brick
    import os_vif
    from nova import objects

    from govstack_sandbox.drivers import hosts

    os_brick.setup(nova.conf.CONF)
    os_vif.initialize()
    objects.Service.enable_min_version_cache()
    # nova looks for hypervisors in its own package only; both of ours are in this module
    sys.modules["nova.virt.govstack"] = hosts


def _services():
    """Yield host, program and topics of each inner service, in the order of their start."""
    from nova.compute import rpcapi as compute
    from nova.conductor import rpcapi as conductor
    from nova.scheduler import rpcapi as scheduler

    yield None, "nova-conductor", (conductor.RPC_TOPIC, None)
    yield None, "nova-scheduler", (scheduler.RPC_TOPIC, None)
    for host in COMPUTES:
        yield host, "nova-compute", (compute.RPC_TOPIC, compute.RPC_TOPIC_ALT)


def _start(host, binary, topics):
    from nova import service

    topic, alternative = topics
    made = service.Service.create(host=host, binary=binary, topic=topic, topic_alt=alternative)
    made.start()
    # Report at once: after a pause, or from a template, a service counts as down until its
    # first timed report, and the first server would find no host.
    made.service_ref.report_count += 1
    made.service_ref.save()
    return made


def _map_hosts():
    """Let the API find the computes, as ``nova-manage cell_v2 discover_hosts`` would."""
    from nova import context
    from nova.objects import host_mapping

    host_mapping.discover_hosts(context.get_admin_context())
