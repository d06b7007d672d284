"""Run one service: load its application and answer requests on the socket of the supervisor."""

import faulthandler
import gc
import importlib
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

from cheroot import wsgi

from govstack_sandbox.layout import Layout
from govstack_sandbox.lifeline import STOP_SECONDS, die_with_parent
from govstack_sandbox.patches import sqlite
from govstack_sandbox.ports import BACKLOG
from govstack_sandbox.services import service_of
from govstack_sandbox.settings import point_to

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

THREADS: Final = 16
SWITCH_SECONDS: Final = 0.0005
IDLE_SECONDS: Final = 120
"""How long a connection that is kept alive may be silent."""
READY: Final = b"ready\n"


def serve(name: str, root: Path, *, socket_number: int, notify_number: int) -> NoReturn:
    """Serve until told to stop or until the supervisor dies."""
    die_with_parent()
    faulthandler.register(signal.SIGUSR1)  # kill -USR1 prints what every thread does
    point_to(service_of(name), Layout(root))
    # What is loaded stays: looking through it for garbage, now or later, is a waste.
    gc.disable()
    # A thread that comes back from the database waits this long for another that computes.
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        sqlite.apply()
        application = importlib.import_module(f"govstack_sandbox.hosting.{name}").load()
        gc.freeze()
        gc.enable()
        server = InheritedServer(socket.socket(fileno=socket_number), keep_input_open(application))
        server.prepare()
        _stop_on_signals(server)
        os.write(notify_number, READY)
        os.close(notify_number)
        server.serve()
    except BaseException:  # noqa: BLE001 - services leave threads behind that would never end
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


class InheritedServer(wsgi.Server):
    """cheroot on a socket that is listening already."""

    def __init__(self, listening: socket.socket, application: Application) -> None:
        super().__init__(
            listening.getsockname(),
            application,
            numthreads=THREADS,
            request_queue_size=BACKLOG,
            timeout=IDLE_SECONDS,
        )
        self._listening = listening

    def bind(self, family: int, type: int, proto: int = 0) -> socket.socket:  # noqa: A002, ARG002 - the interface
        """Take the socket that was given."""
        self.socket = self._listening
        return self.socket


class OpenInput:
    """A request's body that cannot be closed.

    glance closes it, and cheroot would then fail the next request on the same connection.
    """

    def __init__(self, body: Any) -> None:  # noqa: ANN401 - a file of whatever kind
        self._body = body

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the file has
        return getattr(self._body, name)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        """Do nothing; the server closes the connection."""


def keep_input_open(application: Application) -> Application:
    """Return the application behind an input that it cannot close."""

    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["wsgi.input"] = OpenInput(environ["wsgi.input"])
        return application(environ, start_response)

    return guarded


def _stop_on_signals(server: InheritedServer) -> None:
    def stop(_number: int, _frame: object) -> None:
        threading.Thread(target=server.stop, daemon=True).start()
        overdue = threading.Timer(STOP_SECONDS, os._exit, (0,))
        overdue.daemon = True
        overdue.start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
