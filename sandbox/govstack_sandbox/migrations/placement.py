"""Make placement's database."""

import sys


def run(_layout):
    """Run the project's own migrations."""
    from placement.cmd import manage

    sys.argv += ["db", "sync"]
    manage.main()
