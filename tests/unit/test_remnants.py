"""Processes and locks that a killed run leaves behind, with real processes that only look alike."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from govstack.engine.remnants import at_work, break_dead_locks, end_remnants, locks_of
from govstack.errors import Locked

Start = Callable[..., "subprocess.Popen[str]"]

WAITS = "print('ready', flush=True); import sys; sys.stdin.read()"
STUBBORN = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); {WAITS}"


@pytest.fixture
def backend(tmp_path: Path) -> Path:
    return tmp_path / "pulumi"


@pytest.fixture
def start(backend: Path) -> Iterator[Start]:
    """Start a process that has the environment of an engine, under any name."""
    with ExitStack() as stack:

        def begin(
            name: str, *arguments: str, code: str = WAITS, of: Path = backend
        ) -> "subprocess.Popen[str]":
            made = subprocess.Popen(
                [name, "-c", code, *arguments],
                executable=sys.executable,
                env={"PULUMI_BACKEND_URL": of.as_uri()},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            stack.enter_context(made)
            stack.callback(made.kill)
            assert made.stdout
            assert made.stdout.readline() == "ready\n"
            return made

        yield begin


def lock(backend: Path, **owner: object) -> Path:
    folder = backend / ".pulumi" / "locks" / "organization" / "data-service" / "dat-rdb"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{len(list(folder.iterdir()))}.json"
    path.write_text(json.dumps({"username": "root", "hostname": socket.gethostname()} | owner))
    path.with_name(f"{path.name}.attrs").write_text("{}")
    return path


def test_engines_and_lonely_providers_of_this_backend_alone_are_at_work(
    start: Start, backend: Path, tmp_path: Path
) -> None:
    engine = start("pulumi", "up")
    provider = start("/plugins/pulumi-resource-openstack", "127.0.0.1:1")
    start("pulumi", "preview")
    start("pulumi", "destroy", "--preview-only")
    start("pulumi", "up", of=tmp_path / "another")
    assert [process.pid for process in at_work(backend)] == [engine.pid, provider.pid]


def test_an_engine_is_interrupted_and_a_lonely_provider_killed(start: Start, backend: Path) -> None:
    engine, provider = start("pulumi", "up"), start("pulumi-resource-openstack", code=STUBBORN)
    assert end_remnants(backend) == 2
    assert (engine.wait(), provider.wait()) == (-signal.SIGINT, -signal.SIGKILL)


def test_an_engine_that_does_not_stop_is_killed_in_the_end(start: Start, backend: Path) -> None:
    engine = start("pulumi", "up", code=STUBBORN)
    assert end_remnants(backend, patience=0.1) == 1
    assert engine.wait() == -signal.SIGKILL


def test_nothing_is_left_of_a_run_that_ended_well(backend: Path) -> None:
    assert end_remnants(backend) == 0
    assert break_dead_locks(backend) == 0


def test_locks_of_dead_engines_are_broken(start: Start, backend: Path) -> None:
    gone = start("pulumi", "up")
    gone.kill()
    gone.wait()
    # A process with a number that was given again is no engine of this backend.
    locks = [lock(backend, pid=gone.pid), lock(backend, pid=os.getpid()), lock(backend)]
    locks[2].write_text("")
    locks[2].with_name("3.json.18eb54156bb32ad8.tmp").write_text("")
    assert break_dead_locks(backend) == 4
    assert locks_of(backend) == ()
    assert not list(locks[0].parent.iterdir())


def test_the_lock_of_an_engine_that_is_alive_is_left_alone(start: Start, backend: Path) -> None:
    path = lock(backend, pid=start("pulumi", "up").pid)
    with pytest.raises(Locked, match="runs and is alive"):
        break_dead_locks(backend)
    assert path.exists()


def test_a_lock_of_another_machine_is_named_with_how_to_break_it(backend: Path) -> None:
    path = lock(backend, pid=1, hostname="elsewhere")
    with pytest.raises(Locked, match=r"data-service/dat-rdb is locked by root@elsewhere") as told:
        break_dead_locks(backend)
    assert "govstack pulumi data-service/dat-rdb -- cancel --yes" in told.value.hint
    assert path.exists()
