"""Let octavia's requests begin their transactions as writers do.

octavia takes the same kind of session for reading and for writing, which the patch of oslo.db
cannot tell apart.  The session of a request writes.  The sessions that octavia opens beside it,
within its transaction, only read, and would wait for it forever if they began as writers.
"""

import types

from govstack_sandbox.patches.sqlite import WRITES
from govstack_sandbox.patches.versions import require

EXPECTED = {"octavia": "19.0.0"}


def writing_session():
    """Return a session that locks the database when its transaction begins."""
    from octavia.db import api

    session = api.get_session()
    session.bind = api.get_engine().execution_options(**{WRITES: True})
    return session


def apply() -> None:
    """Patch the context of requests."""
    require(EXPECTED)
    from octavia.common import context

    context.db_api = types.SimpleNamespace(get_session=writing_session)
