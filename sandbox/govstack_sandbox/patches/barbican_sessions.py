"""Let barbican begin its transactions as writers.

It takes a session of its own making for everything, past the factory that the patch of oslo.db
marks writers in.  Two requests that read before they write then fail each other.
"""

from govstack_sandbox.patches.sqlite import WRITES
from govstack_sandbox.patches.versions import require

EXPECTED = {"barbican": "23.0.0"}


def apply() -> None:
    """Patch where barbican gets its engine from, before it has one."""
    require(EXPECTED)
    from barbican.model import repositories

    upstream = repositories._create_engine

    def writing_engine():
        return upstream().execution_options(**{WRITES: True})

    repositories._create_engine = writing_engine
