"""Start, stop, renew and remove a cloud; its supervisor does the rest."""

import os
import shutil
import subprocess
import time
from collections.abc import Collection
from pathlib import Path
from typing import Final

from govstack.errors import SandboxFailed
from govstack.sandbox.alive import is_alive, take_lock
from govstack.sandbox.environment import Environment, ensure_environment
from govstack.sandbox.hosts import clear, has_bases, has_hosts, prepare
from govstack.sandbox.layout import SUPERVISOR, Layout
from govstack.sandbox.listeners import conflicts
from govstack.sandbox.status import CloudState, observe, read_inner_ports, read_ports
from govstack.sandbox.waiting import (
    end,
    is_ready,
    start_failed,
    tell_of_request,
    wait_until_ready,
)
from govstack.sandbox.wanted import Request, ask, check
from govstack.values.observer import Observer, Outcome, StepFinished, StepStarted

STOP: Final = "sandbox-stop"
CONTENTS: Final = (
    "cloud.json",
    "wanted.json",
    "hosts.json",
    "faults.json",
    "etc",
    "db",
    "data",
    "log",
)
"""What a cloud consists of; its lock stays while it is renewed."""


def start(
    root: Path,
    observer: Observer,
    *,
    cache: Path,
    services: Collection[str] = (),
    hosts: bool = False,
    systems: Collection[str] = (),
) -> None:
    """Return once the cloud in this folder is ready; make and install what is missing.

    Args:
        root: the cloud's folder.
        observer: what is told of the progress.
        cache: the folder with the environment.
        services: the optional services that are needed; a cloud that runs gets them added, and
            one that has them keeps them.
        hosts: whether servers of a cloud that is made now are real hosts, if the machine can.
        systems: what their images are of, by ``os_distro``.

    Raises:
        UnknownSelection: there is no such service.
        SandboxFailed: it did not become ready; says what failed and where the log is.
        CapacityExceeded, ToolchainUnfit: it cannot be installed on this machine.
    """
    root, wanted = root.absolute(), check(services)
    seen = observe(root)
    if is_ready(seen, wanted) and has_bases(root, systems):
        return
    environment = ensure_environment(cache, observer)
    if hosts or has_hosts(root):
        prepare(root, observer, cache=cache, systems=systems)
    number = ask(root, wanted, environment.template)
    lock = take_lock(root)
    if lock is not None:
        _launch(root, environment, lock)
    elif number:
        tell_of_request(root)
    adds = lock is None and seen.state is CloudState.RUNNING
    wait_until_ready(root, observer, Request(wanted, number, adds))


def stop(root: Path, observer: Observer) -> None:
    """End the cloud and all its processes; its data stay.

    Raises:
        SandboxFailed: it could not be ended.
    """
    if not is_alive(root):
        clear(root)  # hosts outlive a supervisor that was killed
        return
    started = time.monotonic()
    observer.notify(StepStarted(STOP, "Stop the embedded cloud"))
    end(root)
    clear(root)
    observer.notify(StepFinished(STOP, Outcome.DONE, time.monotonic() - started))


def reset(
    root: Path,
    observer: Observer,
    *,
    cache: Path,
    services: Collection[str] = (),
    hosts: bool = False,
    systems: Collection[str] = (),
) -> None:
    """Replace the cloud by a new one, with new secrets and ports; all that is in it is lost.

    The new one has those optional services that are named here, whatever the old one had.

    Raises:
        UnknownSelection: there is no such service.
        SandboxFailed: it could not be ended, or the new one did not become ready.
    """
    root, wanted = root.absolute(), check(services)
    environment = ensure_environment(cache, observer)
    stop(root, observer)
    lock = take_lock(root)
    if lock is None:
        raise _busy(root)
    for name in CONTENTS:
        _discard(root / name)
    if hosts:
        prepare(root, observer, cache=cache, systems=systems)
    number = ask(root, wanted, environment.template)
    _launch(root, environment, lock)
    wait_until_ready(root, observer, Request(wanted, number))


def remove(root: Path, observer: Observer) -> None:
    """End the cloud and delete its folder.

    Raises:
        SandboxFailed: it could not be ended, or somebody starts it again.
    """
    if not Layout(root).run.exists():
        return
    stop(root, observer)
    lock = take_lock(root)
    if lock is None:
        raise _busy(root)
    try:
        shutil.rmtree(root)
    finally:
        os.close(lock)


def _launch(root: Path, environment: Environment, lock: int) -> None:
    """Start the supervisor, which inherits the lock; a failure releases it."""
    layout = Layout(root)
    try:
        layout.status.unlink(missing_ok=True)
        _check_ports(layout)
        layout.logs.mkdir(mode=0o700, exist_ok=True)
        arguments = ("supervise", str(root), str(environment.template), "--lock", str(lock))
        layout.output(SUPERVISOR).touch(mode=0o600)
        with layout.output(SUPERVISOR).open("ab") as output:
            # It forks, so that the supervisor is nobody's child and outlives whoever started it.
            subprocess.run(  # noqa: S603 - our own program
                environment.command(*arguments),
                cwd=root,
                env=environment.variables(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(lock,),
                check=True,
            )
    except subprocess.CalledProcessError as error:
        raise start_failed(root, "the supervisor did not start") from error
    finally:
        os.close(lock)


def _check_ports(layout: Layout) -> None:
    """Refuse to start where others listen.

    Raises:
        SandboxFailed: names the ports, and who has them.
    """
    taken = conflicts({**read_ports(layout), **read_inner_ports(layout)})
    if taken:
        raise SandboxFailed(
            f"the embedded cloud cannot start: {'; '.join(map(str, taken))}",
            hint="end that program; or govstack sandbox reset, which chooses other ports "
            "and loses all that is in the cloud",
        )


def _discard(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _busy(root: Path) -> SandboxFailed:
    return SandboxFailed(
        f"another process has started the embedded cloud in {root} again",
        hint="wait until it has ended, then try again",
    )
