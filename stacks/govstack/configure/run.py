"""Runs a batch in a worker process, and passes on what it tells."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection

from govstack.configure.model import Ended, Job, Message


def run_job(job: Job, tell: Callable[[Message], None]) -> Ended:
    """Run a job in a process of its own; return how it ended.

    An interrupt ends it, and comes through.
    """
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, job), daemon=False)
    process.start()
    theirs.close()
    try:
        return _told(ours, tell)
    except KeyboardInterrupt:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid or 0, signal.SIGTERM)
        raise
    finally:
        # Whoever still works sees by this that nobody listens any more.
        ours.close()
        process.join()


def _told(connection: Connection, tell: Callable[[Message], None]) -> Ended:
    while True:
        try:
            message: Message = connection.recv()
        except (EOFError, OSError):
            return Ended(hosts={}, told="the process that ran Ansible ended")
        if isinstance(message, Ended):
            return message
        tell(message)


def _serve(connection: Connection, job: Job) -> None:
    from govstack.configure.worker import serve  # noqa: PLC0415 - the parent stays light

    serve(connection, job)
