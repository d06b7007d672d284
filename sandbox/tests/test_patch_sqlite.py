"""Many threads may write to one SQLite file."""

import unittest

from alone import run_alone

RACE = """
import tempfile, threading, time
{patch}
import sqlalchemy as sa
from oslo_db.sqlalchemy import enginefacade
folder = tempfile.TemporaryDirectory()
manager = enginefacade.transaction_context()
manager.configure(connection="sqlite:///" + folder.name + "/db.sqlite")
@enginefacade.transaction_context_provider
class Context: pass
with manager.writer.using(Context()) as session:
    session.execute(sa.text("CREATE TABLE counter (value INTEGER)"))
    session.execute(sa.text("INSERT INTO counter VALUES (0)"))
failed = []
def count():
    for _ in range(10):
        try:
            with manager.writer.using(Context()) as session:
                value = session.execute(sa.text("SELECT value FROM counter")).scalar()
                time.sleep(0.002)
                session.execute(sa.text("UPDATE counter SET value = :v"), {{"v": value + 1}})
        except Exception as error:
            failed.append(str(error))
threads = [threading.Thread(target=count) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
with manager.reader.using(Context()) as session:
    value = session.execute(sa.text("SELECT value FROM counter")).scalar()
    journal = session.execute(sa.text("PRAGMA journal_mode")).scalar()
    pool = type(session.get_bind().pool).__name__
print("locked" if any("locked" in text for text in failed) else "free", value == 80, journal, pool)
"""


class Sqlite(unittest.TestCase):
    def test_the_private_names_are_there(self):
        printed = run_alone(
            """
            import inspect
            from oslo_db.sqlalchemy import enginefacade, engines
            factory = enginefacade._TransactionFactory
            print(*inspect.signature(factory._create_session).parameters)
            print(*inspect.signature(factory._create_connection).parameters)
            print(enginefacade._WRITER is not None, "NullPool" in inspect.getsource(engines))
            source = inspect.getsource(engines)
            print('if "in_transaction" not in conn.info:' in source)
            """
        )
        self.assertEqual(printed, "self mode bind\nself mode\nTrue True\nTrue")

    def test_writers_of_upstream_lock_each_other_out(self):
        self.assertTrue(run_alone(RACE.format(patch="")).startswith("locked False"))

    def test_our_writers_wait_for_each_other(self):
        patch = "from govstack_sandbox.patches import sqlite; sqlite.apply()"
        self.assertEqual(run_alone(RACE.format(patch=patch)), "free True wal KeptConnections")


if __name__ == "__main__":
    unittest.main()
