"""Make nova's three databases, and the cells that two of them are."""

import sys

CELL = "cell1"


def run(layout):
    """Run the project's own migrations; each cell's address is set again in each cloud."""
    from nova import monkey_patch

    monkey_patch.patch()  # chooses native threads, before anything imports eventlet
    from nova import config, objects
    from nova.cmd import manage

    config.parse_args(sys.argv)
    objects.register_all()
    cells = manage.CellV2Commands()
    _check(manage.ApiDbCommands().sync())
    _check(cells.map_cell0(f"sqlite:///{layout.database('nova_cell0')}"))
    _check(manage.DbCommands().sync())
    _check(cells.create_cell(name=CELL))


def _check(code):
    """Turn an exit code into an exception.

    Raises:
        RuntimeError: the command failed; it has printed why.
    """
    if code:
        message = f"nova-manage failed with code {code}"
        raise RuntimeError(message)
