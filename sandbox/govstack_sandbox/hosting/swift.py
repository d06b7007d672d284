"""Host swift: its proxy and its three storage servers in one process, all on eventlet.

Nothing that repairs or replicates runs: there is one copy of everything, on one disk.
"""

import faulthandler
import logging
import os
import signal
import socket
import sys
import traceback
from pathlib import Path

import eventlet

from govstack_sandbox.layout import Layout
from govstack_sandbox.lifeline import die_with_parent
from govstack_sandbox.ports import listen, load_ports

READY = b"ready\n"
PART_POWER = 4
"""The ring's size as a power of two; each part becomes a folder."""
STORAGE = ("account", "container", "object")
FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def serve(root, *, socket_number, notify_number):
    """Serve until told to stop or until the supervisor dies."""
    eventlet.monkey_patch()
    die_with_parent()
    faulthandler.register(signal.SIGUSR1)
    signal.signal(signal.SIGTERM, _stop)
    layout = Layout(root)
    try:
        _point_to(layout)
        ports = load_ports(layout.cloud).inner
        _build_rings(layout.etc / "swift", ports)
        servers = [_start(layout, kind, green(listen(ports[f"swift-{kind}"]))) for kind in STORAGE]
        servers.append(_start(layout, "proxy", green(socket.socket(fileno=socket_number))))
        os.write(notify_number, READY)
        os.close(notify_number)
        for server in servers:
            server.wait()
    except BaseException:  # noqa: BLE001 - green threads would keep the process alive
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(1)


def log_to_file(_conf, _name, _console, _route, _form, logger, _adapted):
    """Send a logger's lines to our file instead of the machine's log; swift calls this."""
    logger.handlers[:] = logging.getLogger().handlers


def green(listening):
    """Return the socket as eventlet wants it."""
    return eventlet.greenio.GreenSocket(listening)


def _stop(_number, _frame):
    """End at once: objects are renamed into place when they are whole."""
    os._exit(0)


def _point_to(layout):
    """Tell swift, whose modules look when they are imported, where its configuration is."""
    from swift.common import utils

    logging.basicConfig(filename=layout.log / "swift.log", level=logging.WARNING, format=FORMAT)
    utils.set_swift_dir(str(layout.etc / "swift"))


def _build_rings(folder, ports):
    """Say once where each kind of data is kept."""
    from swift.common.ring import RingBuilder

    for kind in STORAGE:
        path = folder / f"{kind}.ring.gz"
        if path.exists():
            continue
        builder = RingBuilder(PART_POWER, replicas=1, min_part_hours=0)
        place = {"ip": "127.0.0.1", "port": ports[f"swift-{kind}"], "device": "disk"}
        builder.add_dev({**place, "region": 1, "zone": 1, "weight": 1.0, "meta": ""})
        builder.rebalance()
        builder.get_ring().save(str(path))


def _start(layout, kind, listening):
    from swift.common import wsgi

    path = Path(layout.etc / "swift" / f"{kind}-server.conf")
    application = wsgi.loadapp(str(path), global_conf={"log_name": f"swift-{kind}"})
    return eventlet.spawn(
        eventlet.wsgi.server,
        listening,
        application,
        logging.getLogger("quiet"),
        protocol=wsgi.SwiftHttpProtocol,
        capitalize_response_headers=False,
        log_output=False,
    )
