"""The worker process: runs one job after another, each an inline Pulumi program.

Threads will not do: the SDK keeps its settings in the process.
"""

import os
import signal
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue

from pulumi import automation

from govstack.engine.birth import make_like_platform
from govstack.engine.checkpoint import checkpoint_path, servers_in
from govstack.engine.events import Journal
from govstack.engine.failures import explain, passes
from govstack.engine.job import Engine, Job, Message, Progress, StackResult, Verb
from govstack.engine.protection import protection_lifted
from govstack.engine.recovery import put_aside
from govstack.engine.remnants import end_engines
from govstack.engine.sdk import quicken
from govstack.engine.stack import KnownCommand, LeanStack
from govstack.engine.warm import begin
from govstack.layers.program import Inputs, program

Send = Callable[[Message], None]
Receive = Callable[[], Inputs | None]

abandoned = threading.Event()
"""Set when nobody listens any more; an engine that is not at work yet then never starts."""


def serve(connection: Connection) -> None:
    """Run the jobs that come through the connection until it is closed.

    The process leads a group of its own, so that its engine can be interrupted by group.  When
    the other end is gone, whatever runs is interrupted and the process ends.
    """
    os.setsid()
    begin()
    quicken()
    # A handler, not SIG_IGN: the engine must not inherit deafness to the signal.
    signal.signal(signal.SIGINT, lambda _signal, _frame: None)
    # What becomes of an engine is told once, in the result.
    warnings.filterwarnings("ignore", "Error in event stream")
    jobs: SimpleQueue[Job | None] = SimpleQueue()
    inputs: SimpleQueue[Inputs | None] = SimpleQueue()
    threading.Thread(target=_receive, args=(connection, jobs, inputs), daemon=True).start()
    lock = threading.Lock()

    def send(message: Message) -> None:
        # Where nobody listens any more, the operation is being stopped: see _receive.
        with lock, suppress(BrokenPipeError, ConnectionResetError):
            connection.send(message)

    while (job := jobs.get()) is not None:
        send(run(job, send, inputs.get))


def _receive(
    connection: Connection,
    jobs: "SimpleQueue[Job | None]",
    inputs: "SimpleQueue[Inputs | None]",
) -> None:
    try:
        while True:
            message = connection.recv()
            if isinstance(message, Job):
                jobs.put(message)
            else:
                inputs.put(message)
    except (EOFError, OSError):
        abandoned.set()
        jobs.put(None)
        inputs.put(None)
        os.killpg(0, signal.SIGINT)


def run(job: Job, send: Send, receive: Receive) -> StackResult:
    """Run one job; an operation that fails is a result, not an exception.

    The time that a job takes begins when it has its inputs.
    """
    started = time.monotonic()

    def given() -> Inputs | None:
        nonlocal started
        inputs = receive()
        started = time.monotonic()
        return inputs

    previews = job.verb in {Verb.PREVIEW, Verb.PREVIEW_DESTROY}
    journal = Journal(job.layer, job.system, preview=previews)

    def observe(event: automation.EngineEvent) -> None:
        could_write = not journal.cannot_write
        change = journal.observe(event)
        if journal.cannot_write and could_write:
            # What it would still make it could not write down; recovery knows what to do with that.
            end_engines(job.engine.backend, os.getpid())
        if change:
            send(Progress(job.system, change, len(journal.changes)))

    failure: str | None = None
    with _environment(job.engine.variables):
        try:
            with protection_lifted(job) as open_job:
                _operate(open_job, observe, given)
        except automation.CommandError as error:
            failure = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the user must be told
            failure = f"error: {type(error).__name__}: {error}"
    result = StackResult(
        system=job.system,
        seconds=time.monotonic() - started,
        changes=tuple(journal.changes),
        outputs=journal.outputs,
        resources=journal.resources,
    )
    if failure is None:
        return result
    text, hint = explain(failure, journal.errors)
    return replace(result, error=text, hint=hint, passing=passes(journal.errors))


def _operate(job: Job, observe: Callable[[automation.EngineEvent], None], receive: Receive) -> None:
    exists = checkpoint_path(job.engine.backend, job.project, job.stack_name).exists()
    if job.verb is Verb.PREVIEW and not exists:
        # A preview writes nothing: what does not exist is previewed on a backend of its own.
        with tempfile.TemporaryDirectory(prefix="govstack-preview-") as folder:
            engine = replace(
                job.engine, backend=Path(folder, "backend"), workspaces=Path(folder, "workspaces")
            )
            _created(replace(job, engine=engine), job.engine, receive).preview(
                on_event=observe, parallel=job.engine.calls_at_once
            )
        return
    stack = _stack(job, receive) if exists else _created(job, job.engine, receive)
    if abandoned.is_set():
        return
    if job.verb is Verb.PREVIEW:
        stack.preview(on_event=observe, parallel=job.engine.calls_at_once, refresh=job.refresh)
    elif job.verb is Verb.UPDATE:
        with put_aside(job.engine.backend, job.project, job.stack_name):
            stack.up(
                on_event=observe,
                parallel=job.engine.calls_at_once,
                refresh=job.refresh,
                suppress_outputs=True,
                show_secrets=False,
            )
    elif job.verb is Verb.PREVIEW_DESTROY:
        stack.preview_destroy(on_event=observe, parallel=job.engine.calls_at_once)
    elif job.verb is Verb.REFRESH:
        stack.refresh(
            on_event=observe,
            parallel=job.engine.calls_at_once,
            target=servers_in(job.engine.backend, job.project, job.stack_name, job.targets),
            suppress_outputs=True,
            show_secrets=False,
        )
    else:
        with put_aside(job.engine.backend, job.project, job.stack_name):
            stack.destroy(
                on_event=observe,
                parallel=job.engine.calls_at_once,
                suppress_outputs=True,
                show_secrets=False,
                remove=True,
            )


def _stack(job: Job, receive: Receive) -> LeanStack:
    for folder in (job.workspace, job.engine.backend):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = job.workspace / "Pulumi.yaml"
    settings.write_text(f"name: {job.project}\nruntime: python\n", encoding="utf-8")
    workspace = automation.LocalWorkspace(
        work_dir=str(job.workspace),
        program=_program(job, receive),
        env_vars={"PULUMI_BACKEND_URL": job.engine.backend.as_uri()},
        secrets_provider="passphrase",
        pulumi_command=KnownCommand(job.engine.program, job.engine.version),
    )
    return LeanStack(job.stack_name, workspace)


def _program(job: Job, receive: Receive) -> Callable[[], None] | None:
    """Return what declares the stack's resources; to destroy them takes no program."""
    if job.inputs is not None:
        return program(job.inputs)
    if not job.awaits:
        return None

    def declare() -> None:
        inputs = receive()
        if inputs is None:
            message = "what the stack needs did not come"
            raise RuntimeError(message)
        program(inputs)()

    return declare


def _created(job: Job, model: Engine, receive: Receive) -> LeanStack:
    stack = _stack(job, receive)
    if not make_like_platform(job, model):
        stack.workspace.create_stack(job.stack_name)
    return stack


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Run with these variables and without any ``OS_*``, which would override clouds.yaml."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("OS_")]:
        del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
