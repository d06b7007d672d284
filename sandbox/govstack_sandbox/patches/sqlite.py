"""Make oslo.db and SQLite bear many threads.

* Writers begin with ``BEGIN IMMEDIATE``.  oslo.db's deferred begin lets two readers become
  writers at once, and one of them fails with "database is locked" whatever the time-out.
* Connections are pooled.  oslo.db opens one for each transaction, which parses the schema anew.
* The journal is a write-ahead log that is not synced: a sandbox need not survive a power cut.
"""

import types

import sqlalchemy
from oslo_db.sqlalchemy import enginefacade, engines
from sqlalchemy import event, pool
from sqlalchemy.engine import Engine

from govstack_sandbox.patches.versions import require

EXPECTED = {"oslo.db": "18.1.1", "SQLAlchemy": "2.1.9"}
WRITES = "govstack_writes"
"""The execution option that marks a connection of a writer."""
PRAGMAS = (
    "busy_timeout = 60000",
    "journal_mode = WAL",
    "synchronous = OFF",
    "temp_store = MEMORY",
    "cache_size = -8000",
)


def apply() -> None:
    """Patch oslo.db, before anything makes an engine."""
    require(EXPECTED)
    event.listen(pool.Pool, "connect", _tune)
    event.listen(Engine, "begin", _begin)
    _keep_connections()
    _mark_writers()


class KeptConnections(pool.QueuePool):
    """A pool as large as a service has threads, whatever size oslo.db asks for."""

    def __init__(self, creator, **options):
        options.pop("pool_size", None)
        options.pop("max_overflow", None)
        super().__init__(creator, pool_size=64, max_overflow=400, **options)


def _tune(connection, _record):
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection):
    """Begin a writer's transaction; oslo.db's own listener then finds it begun."""
    writes = connection.get_execution_options().get(WRITES)
    if writes and "in_transaction" not in connection.info:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.info["in_transaction"] = True


def _keep_connections():
    """Let oslo.db find our pool where it looks for the one that keeps nothing."""
    engines.pool = types.SimpleNamespace(
        QueuePool=pool.QueuePool,
        StaticPool=pool.StaticPool,
        SingletonThreadPool=pool.SingletonThreadPool,
        NullPool=KeptConnections,
    )


def _mark_writers():
    factory = enginefacade._TransactionFactory
    writer = enginefacade._WRITER
    create_session = factory._create_session
    create_connection = factory._create_connection

    def session(self, mode, bind: sqlalchemy.Engine | None = None):
        if not self._started:
            self._start()
        if mode is writer:
            bind = (bind or self._writer_engine).execution_options(**{WRITES: True})
        return create_session(self, mode, bind)

    def connection(self, mode):
        made = create_connection(self, mode)
        return made.execution_options(**{WRITES: True}) if mode is writer else made

    factory._create_session = session
    factory._create_connection = connection
