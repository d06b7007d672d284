"""A store in a table of a PostgreSQL database.

The password comes from where every client takes it: ``PGPASSWORD``, ``PGPASSFILE`` or
``~/.pgpass``; never from the site's files.
"""

import importlib
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from govstack.errors import StateUnreachable

TABLE: Final = """
CREATE TABLE IF NOT EXISTS govstack_objects (
    environment text NOT NULL,
    key text COLLATE "C" NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (environment, key)
)
"""
GET: Final = "SELECT data FROM govstack_objects WHERE environment = %s AND key = %s"
CREATE: Final = """
INSERT INTO govstack_objects (environment, key, data) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""
PUT: Final = """
INSERT INTO govstack_objects (environment, key, data) VALUES (%s, %s, %s)
ON CONFLICT (environment, key) DO UPDATE SET data = EXCLUDED.data
"""
DELETE: Final = "DELETE FROM govstack_objects WHERE environment = %s AND key = %s"
LIST: Final = """
SELECT key FROM govstack_objects WHERE environment = %s AND starts_with(key, %s) ORDER BY key
"""
TIMEOUT_SECONDS: Final = 10
PATIENCE: Final = {
    "connect_timeout": TIMEOUT_SECONDS,
    "tcp_user_timeout": TIMEOUT_SECONDS * 1000,
    "keepalives_idle": TIMEOUT_SECONDS // 2,
    "keepalives_interval": TIMEOUT_SECONDS // 2,
    "keepalives_count": 2,
}
"""A call that fails has failed within 30 s: a holder must notice before it counts as dead."""

MAKING: Final = 0x676F7673
"""The advisory lock of whoever makes the table."""


class PostgresStore:
    """One row for each key, in ``postgres://USER@HOST/DATABASE``.

    Connections are used again by whichever thread needs one; one that failed is closed.
    """

    def __init__(self, address: str, inside: str) -> None:
        parts = urlsplit(address)
        self._address = urlunsplit(parts._replace(scheme="postgresql"))
        self._inside = inside
        self._shown = f"postgres://{parts.netloc}{parts.path}/{inside}"
        self._idle: deque[Any] = deque()
        weakref.finalize(self, _close, self._idle)
        self._is_ready = False

    @property
    def name(self) -> str:
        """Return host and database, and the environment's part of it."""
        return self._shown

    def get(self, key: str) -> bytes | None:
        """Return an object, None where there is none."""
        with self._asked(GET, key) as cursor:
            row = cursor.fetchone()
        return bytes(row[0]) if row else None

    def put(self, key: str, data: bytes) -> None:
        """Keep an object, in place of the one that there may be."""
        with self._asked(PUT, key, data):
            pass

    def create(self, key: str, data: bytes) -> bool:
        """Keep an object that is not there yet."""
        with self._asked(CREATE, key, data) as cursor:
            return bool(cursor.rowcount == 1)

    def delete(self, key: str) -> None:
        """Remove an object, if it is there."""
        with self._asked(DELETE, key):
            pass

    def list(self, prefix: str) -> tuple[str, ...]:
        """Return the keys that begin so, sorted."""
        with self._asked(LIST, prefix) as cursor:
            return tuple(row[0] for row in cursor.fetchall())

    @contextmanager
    def _asked(self, statement: str, *values: object) -> Iterator[Any]:
        psycopg = _library()
        try:
            connection = self._connection()
            try:
                with connection.cursor() as cursor:
                    cursor.execute(statement, (self._inside, *values))
                    yield cursor
            except BaseException:
                connection.close()
                raise
            self._idle.append(connection)
        except psycopg.Error as error:
            raise StateUnreachable(
                f"the store {self.name} cannot be used: {str(error).strip()}",
                hint="check backend in the environment's file, and PGPASSWORD or ~/.pgpass; the "
                "database must exist, and the user may make a table in it",
            ) from error

    def _connection(self) -> Any:  # noqa: ANN401 - of the library
        while self._idle:
            # Another thread may take the last one in between.
            with suppress(IndexError):
                return self._idle.pop()
        made = _library().connect(self._address, autocommit=True, **PATIENCE)
        if not self._is_ready:
            with made.transaction():
                # Two who make the table at once would not see each other's.
                made.execute("SELECT pg_advisory_xact_lock(%s)", (MAKING,))
                made.execute(TABLE)
            self._is_ready = True
        return made


def _close(connections: "deque[Any]") -> None:
    for connection in connections:
        connection.close()


def _library() -> Any:  # noqa: ANN401 - a module
    try:
        return importlib.import_module("psycopg")
    except ImportError as error:
        raise StateUnreachable(
            "stores in PostgreSQL need a library that is not installed: psycopg",
            hint="pip install 'govstack[postgres]'",
        ) from error
