"""Requests of barbican that read before they write do not fail each other."""

import tempfile
import unittest
from pathlib import Path

from alone import run_alone

from govstack_sandbox.layout import Layout, write_private

RACE = """
from pathlib import Path
import threading
from govstack_sandbox.layout import Layout
from govstack_sandbox.patches import barbican_sessions, barbican_settings, sqlite
sqlite.apply()
barbican_settings.apply(Layout(Path({scratch!r})))
barbican_sessions.apply()
import sqlalchemy as sa
from barbican.model import repositories
repositories.setup_database_engine_and_factory()
session = repositories.get_session()
session.execute(sa.text("CREATE TABLE counter (value INTEGER)"))
session.execute(sa.text("INSERT INTO counter VALUES (0)"))
repositories.commit()
repositories.clear()
def count():
    for _ in range(10):
        session = repositories.get_session()
        value = session.execute(sa.text("SELECT value FROM counter")).scalar()
        session.execute(sa.text("UPDATE counter SET value = :v"), dict(v=value + 1))
        repositories.commit()
        repositories.clear()
threads = [threading.Thread(target=count) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(repositories.get_session().execute(sa.text("SELECT value FROM counter")).scalar())
"""


class BarbicanSessions(unittest.TestCase):
    def test_upstream_takes_its_engine_from_this_name(self):
        printed = run_alone(
            """
            import inspect
            from barbican.model import repositories
            print(inspect.getsource(repositories).count("engine = _create_engine()"))
            """
        )
        self.assertEqual(printed, "1")

    def test_writers_wait_for_each_other(self):
        with tempfile.TemporaryDirectory() as scratch:
            layout = Layout(Path(scratch))
            write_private(
                layout.etc / "barbican/barbican.conf",
                f"[DEFAULT]\ndb_auto_create = False\n[queue]\nenable = False\n"
                f"[database]\nconnection = sqlite:///{scratch}/barbican.sqlite\n",
            )
            self.assertEqual(run_alone(RACE.format(scratch=scratch)), "80")


if __name__ == "__main__":
    unittest.main()
