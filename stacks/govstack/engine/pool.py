"""The worker processes: started when the first job comes, at most one job in each."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from typing import Final, Self

from govstack.engine.job import Job, Message, StackResult
from govstack.layers.program import Inputs

PRELOADED: Final = (
    "govstack.engine.warm",
    "govstack.engine.worker",
    "govstack.layers.platform",
    "govstack.layers.system",
)


@dataclass(slots=True)
class Worker:
    """A process, the connection to it, and the job that it has."""

    process: ForkServerProcess
    connection: Connection
    job: Job | None = None


class Pool:
    """Up to `size` worker processes; a context manager that leaves none behind."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._workers: list[Worker] = []
        self._context = multiprocessing.get_context("forkserver")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.connection.close()
        for worker in self._workers:
            worker.process.join()

    def warm(self) -> None:
        """Start the process that workers are forked from; it imports the SDKs, once for all.

        The parent itself stays light: it never imports them.
        """
        self._context.set_forkserver_preload(list(PRELOADED))
        forkserver.ensure_running()

    @property
    def is_free(self) -> bool:
        """Tell whether a job could start now."""
        return len(self._workers) < self._size or any(w.job is None for w in self._workers)

    @property
    def is_busy(self) -> bool:
        """Tell whether any job runs."""
        return any(worker.job for worker in self._workers)

    def start(self, job: Job) -> None:
        """Give the job to a free worker; there must be one."""
        idle = [worker for worker in self._workers if worker.job is None]
        worker = idle[0] if idle else self._add()
        worker.job = job
        worker.connection.send(job)

    def provide(self, system: str, inputs: Inputs | None) -> None:
        """Give a system's waiting job its inputs, or None to have it end without."""
        (worker,) = [each for each in self._workers if each.job and each.job.system == system]
        worker.connection.send(inputs)

    def messages(self) -> Iterator[Message]:
        """Wait until workers have something to say, and yield it.

        A worker that died answers for its job with a failure.
        """
        busy = {worker.connection: worker for worker in self._workers if worker.job}
        for connection in wait(list(busy)):
            worker = busy[connection]  # type: ignore[index] # wait returns what it was given
            message = self._receive(worker)
            if isinstance(message, StackResult):
                worker.job = None
            yield message

    def interrupt(self) -> None:
        """Ask the engines to stop after what they are doing."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """End workers and engines at once."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        for worker in self._workers:
            with suppress(ProcessLookupError):
                os.killpg(worker.process.pid or 0, number)

    def _receive(self, worker: Worker) -> Message:
        try:
            message: Message = worker.connection.recv()
        except (EOFError, OSError):
            return self._lost(worker)
        return message

    def _lost(self, worker: Worker) -> StackResult:
        # Its engine has nobody left who tells it what to make; it shall write down what it has.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(worker.process.pid or 0, signal.SIGINT)
        worker.process.join()
        worker.connection.close()
        self._workers.remove(worker)
        return StackResult(
            system=worker.job.system if worker.job else "",
            error=f"its worker process ended (exit code {worker.process.exitcode})",
            hint="run the same command again",
        )

    def _add(self) -> Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs,), daemon=False)
        process.start()
        theirs.close()
        worker = Worker(process, ours)
        self._workers.append(worker)
        return worker


def _serve(connection: Connection) -> None:
    from govstack.engine.worker import serve  # noqa: PLC0415 - see Pool._add

    serve(connection)
