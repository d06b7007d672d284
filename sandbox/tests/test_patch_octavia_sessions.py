"""A request of octavia writes without locking out what it reads by another session."""

import unittest

from alone import run_alone
from octavias import OCTAVIA


class OctaviaSessions(unittest.TestCase):
    def test_upstream_takes_its_session_from_this_name(self):
        printed = run_alone(
            """
            import inspect
            from octavia.common import context
            print("db_api.get_session()" in inspect.getsource(context.RequestContext))
            print(inspect.getsource(context).count("db_api."))
            """
        )
        self.assertEqual(printed, "True\n1")

    def test_requests_write_one_after_the_other_and_read_beside(self):
        printed = run_alone(
            OCTAVIA
            + """
octavia_sessions.apply()
from octavia.common import context
counted = []
def count(name):
    for _ in range(10):
        session = context.db_api.get_session()
        with session, session.begin():
            session.query(models.Quotas).all()
            with api.get_session() as other, other.begin():
                other.query(models.Quotas).all()
            quota = session.get(models.Quotas, "p") or models.Quotas(project_id="p", in_use_pool=0)
            quota.in_use_pool = (quota.in_use_pool or 0) + 1
            session.add(quota)
threads = [threading.Thread(target=count, args=(number,)) for number in range(6)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
with api.get_session() as session:
    print(session.get(models.Quotas, "p").in_use_pool)
"""
        )
        self.assertEqual(printed, "60")


if __name__ == "__main__":
    unittest.main()
