"""The parent of all services: starts them, restarts what dies, and tells how they do.

The process holds the cloud's lock and its listening sockets for as long as it lives, and the
services die with it.  Nothing here waits by sleeping: the kernel tells when a service is ready,
when one has ended and when a signal has come.
"""

import logging
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from govstack_sandbox import children
from govstack_sandbox.children import Child
from govstack_sandbox.layout import Layout
from govstack_sandbox.lifeline import leave_parent
from govstack_sandbox.ports import choose_port, listen, listen_private, load_ports
from govstack_sandbox.report import Report, ServiceReport, State
from govstack_sandbox.restore import restore
from govstack_sandbox.wanted import Wanted, read_wanted

LOG: Final = logging.getLogger("supervisor")
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
"""Seconds before a service that died is started again; the pause doubles each time."""
STABLE: Final = 60.0
"""Seconds after which a service counts as healthy, and its pauses begin anew."""
ATTEMPTS: Final = 3
"""How often a service may die before the cloud was ever ready; then the start has failed."""
SETTLE: Final = "settle"
EXTEND: Final = "extend"
HOSTS: Final = "hosts"
"""The helper for real hosts, which only some clouds have; it listens at no port."""
FAULTS: Final = "faults"
"""The proxy that faults come from; there is none until somebody wants some."""


def supervise(root: Path, template: Path, *, lock: int) -> None:
    """Run the cloud at `root` until SIGTERM; make it from the template if it is new.

    Args:
        root: the cloud's folder.
        template: the folder with the migrated databases.
        lock: the descriptor whose lock says that this cloud runs; held by being open.
    """
    leave_parent()
    os.umask(0o077)
    os.set_inheritable(lock, False)  # noqa: FBT003 - no name to give
    logging.basicConfig(
        stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    layout = Layout(root)
    layout.create()
    supervisor = Supervisor(layout, Report(layout, os.getpid()))
    try:
        supervisor.prepare(template)
        supervisor.run()
    except Exception as error:  # the user reads it in the report, we in the log
        LOG.exception("the cloud cannot run")
        supervisor.give_up(f"{type(error).__name__}: {error}")
    finally:
        supervisor.stop()
    sys.exit(1 if supervisor.report.failure else 0)


@dataclass(slots=True)
class Supervisor:
    """The state of the loop: who runs, who is to be started again, and when."""

    layout: Layout
    report: Report
    _sockets: dict[str, socket.socket] = field(default_factory=dict)
    _running: dict[str, Child] = field(default_factory=dict)
    _started: dict[str, float] = field(default_factory=dict)
    _deaths: dict[str, int] = field(default_factory=dict)
    _due: dict[str, float] = field(default_factory=dict)
    _wanted: Wanted = field(default_factory=Wanted)
    _adding: tuple[str, ...] = ()
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _wakers: tuple[socket.socket, ...] = ()
    _stopping: bool = False

    def prepare(self, template: Path) -> None:
        """Make the cloud if there is none, and take its ports."""
        self._listen_to_signals()
        self.report.step = "preparing"
        self.report.write()
        if not self.layout.cloud.exists():
            restore(self.layout, template)
            LOG.info("made a new cloud from %s", template)
        ports = load_ports(self.layout.cloud)
        self.report.expect(ports)
        self._sockets = {name: listen(port) for name, port in ports.services.items()}
        if self.layout.hosts.exists():
            self._sockets = {
                HOSTS: listen_private(self.layout.run, f"{HOSTS}.sock"),
                **self._sockets,
            }
            self.report.services[HOSTS] = ServiceReport(0)

    def run(self) -> None:
        """Start all services and look after them until told to stop."""
        self.report.step = "starting services"
        for name in self._sockets:
            self._start(name)
        self._reconsider()
        while not self._stopping:
            # One at a time: a reaction may release the descriptor of another event.
            for key, _ in self._selector.select(self._pause())[:1]:
                react: Callable[[], None] = key.data
                react()
            self._start_due()

    def give_up(self, failure: str) -> None:
        """Report why the cloud does not run, and end the loop."""
        LOG.error("%s", failure)
        self.report.state = State.FAILED
        self.report.failure = failure
        self.report.write()
        self._stopping = True

    def stop(self) -> None:
        """End all services."""
        children.stop_all(self._running.values())
        self._running.clear()
        signal.set_wakeup_fd(-1)
        for opened in (*self._sockets.values(), *self._wakers):
            opened.close()
        self._selector.close()
        LOG.info("stopped")

    def _listen_to_signals(self) -> None:
        wake, woken = socket.socketpair()
        wake.setblocking(False)  # noqa: FBT003 - no name to give
        signal.set_wakeup_fd(wake.fileno())
        self._wakers = (wake, woken)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: None)
        self._selector.register(woken, selectors.EVENT_READ, lambda: self._signalled(woken))

    def _signalled(self, woken: socket.socket) -> None:
        """Heed signals: of a new request, or to stop."""
        if set(woken.recv(64)) - {signal.SIGHUP}:
            self._stopping = True
        else:
            self._reconsider()

    def _reconsider(self) -> None:
        """Read what is wanted; try anew what has failed, and add what is missing."""
        self._wanted = read_wanted(self.layout)
        self.report.request = self._wanted.request
        for name in self._wanted.services:
            report = self.report.services.setdefault(name, ServiceReport(0))
            if report.state is State.DEGRADED:
                report.become(State.STARTING)
                self._deaths[name] = 0
            if name in self._due:
                self._due[name] = time.monotonic()
        self._stand_between()
        self._extend()
        self.report.write()

    def _stand_between(self) -> None:
        if FAULTS in self._sockets or not self.layout.faults.exists():
            return
        port = choose_port(self.layout, FAULTS)
        self._sockets[FAULTS] = listen(port)
        self.report.services[FAULTS] = ServiceReport(port)
        self._start(FAULTS)

    def _extend(self) -> None:
        """Start to add what is wanted and not there, once keystone can be told of it."""
        lacking = tuple(name for name in self._wanted.services if name not in self._sockets)
        keystone = self.report.services["keystone"].state is State.RUNNING
        if not lacking or not keystone or EXTEND in self._running:
            return
        LOG.info("adding %s", ", ".join(lacking))
        self.report.step = f"adding {', '.join(lacking)}"
        self._adding = lacking
        template = str(self._wanted.template)
        self._watch(children.start_task(self.layout, EXTEND, template, *lacking))

    def _extended(self, code: int) -> None:
        """Start what was added; what could not be is left alone until it is wanted again."""
        self.report.step = "starting services" if self.report.state is State.STARTING else ""
        if code:
            self._not_added(self._last_words(EXTEND))
            return
        ports = load_ports(self.layout.cloud).services
        for name in self._adding:
            self._sockets[name] = listen(ports[name])
            self.report.services[name] = ServiceReport(ports[name])
            self._start(name)
        self._extend()
        self.report.write()

    def _not_added(self, why: str) -> None:
        failure = f"could not be added: {why}"
        if self.report.state is State.STARTING:
            self.give_up(f"{', '.join(self._adding)} {failure}")
            return
        LOG.error("%s %s", ", ".join(self._adding), failure)
        for name in self._adding:
            self.report.services[name].detail = failure
            self.report.services[name].become(State.DEGRADED)
        left = tuple(name for name in self._wanted.services if name not in self._adding)
        self._wanted = replace(self._wanted, services=left)
        self._extend()
        self.report.write()

    def _last_words(self, task: str) -> str:
        output = self.layout.output(task).read_text(encoding="utf-8", errors="replace")
        return output.strip().rpartition("\n")[2]

    def _pause(self) -> float | None:
        """Return the seconds until the next restart, None if there is none to come."""
        if not self._due:
            return None
        return max(0.0, min(self._due.values()) - time.monotonic())

    def _start(self, name: str) -> None:
        self._watch(children.start_service(self.layout, name, self._sockets[name]))
        self._started[name] = time.monotonic()
        self.report.services[name].pid = self._running[name].process.pid

    def _start_due(self) -> None:
        for name, due in list(self._due.items()):
            if due <= time.monotonic():
                del self._due[name]
                self._start(name)
                self.report.write()

    def _watch(self, child: Child) -> None:
        self._running[child.name] = child
        self._selector.register(child.ended, selectors.EVENT_READ, lambda: self._ended(child))
        if child.ready >= 0:
            self._selector.register(child.ready, selectors.EVENT_READ, lambda: self._ready(child))

    def _ready(self, child: Child) -> None:
        """Note that a service answers; an empty message means that it died before it could."""
        self._selector.unregister(child.ready)
        if not os.read(child.ready, 16):
            return
        LOG.info("%s is ready", child.name)
        self.report.services[child.name].become(State.RUNNING)
        if self._all_ready():
            if self.report.state is not State.STARTING:
                self.report.state = State.RUNNING
            elif SETTLE not in self._running:
                self.report.step = "waiting for hosts"
                self._watch(children.start_task(self.layout, SETTLE))
        self._extend()
        self.report.write()

    def _all_ready(self) -> bool:
        return all(service.state is State.RUNNING for service in self.report.services.values())

    def _ended(self, child: Child) -> None:
        self._selector.unregister(child.ended)
        if child.ready >= 0 and child.ready in self._selector.get_map():
            self._selector.unregister(child.ready)
        del self._running[child.name]
        code = child.reap()
        if child.name == SETTLE:
            self._settled(code)
        elif child.name == EXTEND:
            self._extended(code)
        else:
            self._died(child.name, children.describe_end(code))

    def _settled(self, code: int) -> None:
        if code:
            self.give_up(f"the cloud did not become ready: {self._last_words(SETTLE)}")
            return
        LOG.info("the cloud is ready")
        self.report.state = State.RUNNING if self._all_ready() else State.DEGRADED
        self.report.step = ""
        self.report.write()

    def _died(self, name: str, how: str) -> None:
        """Report the death of a service, and plan its next start."""
        LOG.warning("%s %s", name, how)
        report = self.report.services[name]
        report.restarts += 1
        report.pid = 0
        report.detail = how
        stable = time.monotonic() - self._started[name] > STABLE
        self._deaths[name] = 1 if stable else self._deaths.get(name, 0) + 1
        if self.report.state is State.STARTING and self._deaths[name] >= ATTEMPTS:
            self.give_up(f"{name} {how}, {ATTEMPTS} times; see {self.layout.output(name)}")
            return
        report.become(State.STARTING if self._deaths[name] < ATTEMPTS else State.DEGRADED)
        if self.report.state is State.RUNNING:
            self.report.state = State.DEGRADED
        pause = min(FIRST_PAUSE * 2 ** (self._deaths[name] - 1), LONGEST_PAUSE)
        self._due[name] = time.monotonic() + pause
        self.report.write()
