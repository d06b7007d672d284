"""Whatever a request leaves pending in octavia is settled."""

import unittest

from alone import run_alone
from octavias import OCTAVIA

BALANCER = (
    OCTAVIA
    + """
from octavia.common import constants
from govstack_sandbox.drivers import balancing
common = {"project_id": "p", "enabled": True}
def add(lb, pool, member):
    with octavia_sessions.writing_session() as session, session.begin():
        session.add(models.LoadBalancer(id="lb", provisioning_status=lb, operating_status="OFFLINE",
            **common))
        session.add(models.Vip(load_balancer_id="lb", ip_address="10.0.0.9", octavia_owned=False))
        session.add(models.Pool(id="pool", load_balancer_id="lb", protocol="TCP",
            lb_algorithm="ROUND_ROBIN", provisioning_status=pool, operating_status="OFFLINE",
            **common))
        session.add(models.Member(id="member", pool_id="pool", ip_address="10.0.0.1",
            protocol_port=80, weight=1, provisioning_status=member, operating_status="OFFLINE",
            backup=False, **common))
def show():
    with api.get_session() as session:
        for model in (models.LoadBalancer, models.Pool, models.Member):
            for one in session.query(model):
                print(one.id, one.provisioning_status, one.operating_status)
"""
)


class Balancing(unittest.TestCase):
    def test_what_is_pending_becomes_active(self):
        printed = run_alone(
            BALANCER
            + """
add("PENDING_CREATE", "PENDING_CREATE", "PENDING_CREATE")
balancing.settle()
show()
"""
        )
        self.assertEqual(
            printed.splitlines(),
            ["lb ACTIVE ONLINE", "pool ACTIVE ONLINE", "member ACTIVE NO_MONITOR"],
        )

    def test_a_load_balancer_takes_along_what_it_consists_of(self):
        printed = run_alone(
            BALANCER
            + """
add("PENDING_DELETE", "ACTIVE", "ACTIVE")
balancing.settle()
show()
"""
        )
        self.assertEqual(printed, "lb DELETED OFFLINE")

    def test_one_thing_is_removed_and_the_rest_becomes_active(self):
        printed = run_alone(
            BALANCER
            + """
add("PENDING_UPDATE", "PENDING_UPDATE", "PENDING_DELETE")
balancing.settle()
show()
"""
        )
        self.assertEqual(printed.splitlines(), ["lb ACTIVE ONLINE", "pool ACTIVE ONLINE"])

    def test_requests_that_change_nothing_settle_nothing(self):
        printed = run_alone(
            BALANCER
            + """
add("PENDING_CREATE", "ACTIVE", "ACTIVE")
application = balancing.settling(lambda environ, start_response: [b"answer"])
print(application({"REQUEST_METHOD": "GET"}, None))
show()
print(application({"REQUEST_METHOD": "POST"}, None))
show()
"""
        )
        lines = printed.splitlines()
        self.assertEqual(lines[:2], ["[b'answer']", "lb PENDING_CREATE OFFLINE"])
        self.assertEqual(lines[4:6], ["[b'answer']", "lb ACTIVE ONLINE"])


if __name__ == "__main__":
    unittest.main()
