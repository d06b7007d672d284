"""An octavia provider without load balancers: what is asked for is there once the answer is.

The virtual addresses are real ports in neutron, which octavia makes and removes itself, since
this driver declines to.
"""

import threading

from octavia.api.drivers.driver_agent import driver_updater
from octavia.api.drivers.noop_driver import driver as noop
from octavia.common import constants
from octavia.db import models
from octavia_lib.api.drivers import exceptions
from octavia_lib.common.constants import DRVR_STATUS_CODE_OK
from oslo_log import log as logging

from govstack_sandbox.patches.octavia_sessions import writing_session

LOG = logging.getLogger(__name__)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
KINDS = (
    ("members", models.Member, ("pool", "load_balancer")),
    ("healthmonitors", models.HealthMonitor, ("pool", "load_balancer")),
    ("pools", models.Pool, ("load_balancer",)),
    ("l7rules", models.L7Rule, ("l7policy", "listener", "load_balancer")),
    ("l7policies", models.L7Policy, ("listener", "load_balancer")),
    ("listeners", models.Listener, ("load_balancer",)),
    ("loadbalancers", models.LoadBalancer, ()),
)
"""What may be pending: the updater's name for it, and the way to its load balancer.

What others hang on comes last.
"""
_settling = threading.Lock()


class SandboxProviderDriver(noop.NoopProviderDriver):
    """Accept everything."""

    def create_vip_port(self, *_arguments, **_keywords):
        """Leave the port to octavia.

        Raises:
            NotImplementedError: which octavia asks for.
        """
        declined = "octavia makes the port"
        raise exceptions.NotImplementedError(
            user_fault_string=declined, operator_fault_string=declined
        )


def settling(application):
    """Return the application; whatever a request of it left pending is settled after it."""

    def settled(environ, start_response):
        answer = application(environ, start_response)
        if environ["REQUEST_METHOD"] not in SAFE:
            settle()
        return answer

    return settled


def settle():
    """Make active what is pending, and remove what is pending to be deleted."""
    with _settling:
        status = _pending()
        if not status:
            return
        updater = driver_updater.DriverUpdater()
        updater.db_session = writing_session()
        answer = updater.update_loadbalancer_status(status)
        if answer["status_code"] != DRVR_STATUS_CODE_OK:
            LOG.error("octavia refused a status: %s", answer)


def _pending():
    """Return the new status of everything that waits for one."""
    status = {}
    with writing_session() as session, session.begin():
        for kind, model, way in KINDS:
            waiting = session.query(model).filter(_waits(model, way))
            entries = [_settled(kind, one, way) for one in waiting]
            if entries:
                status[kind] = entries
    return status


def _waits(model, way):
    """Say what is to be settled, besides what says so itself.

    A load balancer takes along all that it consists of, and a new monitor changes what is known
    of a pool's members.
    """
    waits = model.provisioning_status.like("PENDING%") | _of_doomed(model, way)
    if model is models.Member:
        waits |= model.pool.has(models.Pool.provisioning_status == constants.PENDING_UPDATE)
    return waits


def _of_doomed(model, way):
    """Say, as a query does, that the load balancer at the end of the way is to be deleted."""
    if not way:
        return model.provisioning_status == constants.PENDING_DELETE
    relation = getattr(model, way[0])
    return relation.has(_of_doomed(relation.property.mapper.class_, way[1:]))


def _settled(kind, thing, way):
    balancer = thing
    for name in way:
        balancer = getattr(balancer, name)
    if constants.PENDING_DELETE in {thing.provisioning_status, balancer.provisioning_status}:
        return {"id": thing.id, "provisioning_status": constants.DELETED}
    return {
        "id": thing.id,
        "provisioning_status": constants.ACTIVE,
        "operating_status": _operating(kind, thing),
    }


def _operating(kind, thing):
    """Say of members that nobody watches that nobody watches them, as octavia does."""
    if not getattr(thing, "enabled", True):
        return constants.OFFLINE
    if kind == "members" and not thing.pool.health_monitor:
        return constants.NO_MONITOR
    return constants.ONLINE
