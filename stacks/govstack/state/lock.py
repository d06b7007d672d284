"""One run at a time may change an environment.

A holder that died on this machine is recognised at once; one elsewhere, when it has shown no sign
of life for `LAPSE_SECONDS` while it was watched, by the watcher's own clock.  A holder that could
show none itself for less than that stops, so two never go on.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from govstack.errors import Interrupted, Locked, StateUnreachable
from govstack.state.holder import Holder, Life, this_person, this_run, this_user
from govstack.state.locklog import Break, Entry, LockLog
from govstack.state.stores.files import FileStore

BEAT_SECONDS: Final = 10.0
GIVE_UP_SECONDS: Final = 60.0
LAPSE_SECONDS: Final = 120.0
"""Longer than giving up takes: a beat, the time to give up, and two calls that fail slowly."""

ASK_SECONDS: Final = 1.0
"""How often one who waits looks again."""

Tell = Callable[[str], None]


class Lease:
    """The lock as its holder has it; it beats until it is freed.

    Attributes:
        took_over: whether the run that held it before had died.
    """

    def __init__(self, log: LockLog, entry: Entry, *, took_over: bool) -> None:
        self.took_over = took_over
        self._log = log
        self._entry = entry
        self._writing = threading.Lock()
        self._lost = threading.Event()
        self._ended = threading.Event()
        self._heart = threading.Thread(target=self._live, daemon=True, name="heartbeat")

    @property
    def is_lost(self) -> bool:
        """Tell whether someone else may have the lock by now."""
        return self._lost.is_set()

    def begin(self) -> None:
        """Begin to show signs of life."""
        self._heart.start()

    def lose(self) -> None:
        """Give up: stop what this process runs, as if the user had interrupted it."""
        self._lost.set()
        os.kill(os.getpid(), signal.SIGINT)

    def note_move(self, address: str) -> None:
        """Note where the state is from now on.

        Raises:
            Locked: someone else has the lock by now.
        """
        with self._writing:
            made = self._log.follow(self._entry, moved=address)
            if made is None:
                raise _lost(self._log)
            self._entry = made

    def free(self) -> None:
        """Let others have the lock."""
        self._ended.set()
        self._heart.join()
        if self._entry.run is None or self.is_lost:
            return
        # Nobody can be told where the store does not answer; the next who asks finds us dead.
        with suppress(StateUnreachable):
            self._log.free(self._entry, self._entry.run)

    def _live(self) -> None:
        count, heard = 0, time.monotonic()
        while not self._ended.wait(BEAT_SECONDS):
            count += 1
            try:
                with self._writing:
                    overtaken = self._log.is_overtaken(self._entry)
                if overtaken:
                    self.lose()
                    return
                if self._entry.run:
                    self._log.beat(self._entry.run, count)
                heard = time.monotonic()
            except StateUnreachable:
                if time.monotonic() - heard > GIVE_UP_SECONDS:
                    self.lose()
                    return


class Lock:
    """The lock of one environment.

    `address` is how the environment's file names its store, empty for files; None if it does not
    matter whether the state has been moved.
    """

    def __init__(self, log: LockLog, address: str | None = "") -> None:
        self._log = log
        self._address = address

    @contextmanager
    def held(
        self, reason: str, *, waits: bool = False, tell: Tell | None = None
    ) -> Iterator[Lease]:
        """Hold the lock while the body runs.

        Args:
            reason: what is shown to others.
            waits: whether to wait for a run to end; what people hold is never waited for.
            tell: told what is waited for.

        Raises:
            Locked: someone else holds it, or has taken it over meanwhile.
        """
        lease = self._taken(reason, waits=waits, tell=tell)
        lease.begin()
        try:
            yield lease
        except (KeyboardInterrupt, Interrupted):
            if lease.is_lost:
                raise _lost(self._log) from None
            raise
        finally:
            lease.free()
        if lease.is_lost:
            raise _lost(self._log)

    def take(self, reason: str, expires: str) -> Holder:
        """Hold the environment for the user, across runs, until it is released.

        Raises:
            Locked: someone else holds it.
        """
        user = this_user(reason, expires)
        while True:
            entry = self._log.read()
            _check_people(entry)
            if entry.run and self._is_alive(entry.run):
                raise _locked(entry.run)
            if self._log.follow(entry, people=user, run=None):
                return user

    def release(self) -> Holder | None:
        """Give up what the user holds; return it, None if nobody holds the environment.

        Raises:
            Locked: someone else holds it.
        """
        while True:
            entry = self._log.read()
            if entry.people is None:
                return None
            _check_people(entry)
            if self._log.follow(entry, people=None):
                return entry.people

    def break_up(self, why: str) -> Break | None:
        """End every hold, and write down who did it; return that, None if there was none.

        A run that still lives notices within seconds, and stops.
        """
        while True:
            entry = self._log.read()
            found = [holder for holder in (entry.people, entry.run) if holder]
            if not found:
                return None
            broken = Break(
                by=this_person(),
                when=datetime.now(UTC).isoformat(timespec="seconds"),
                why=why,
                broken="; ".join(map(str, found)),
            )
            unclean = entry.unclean or entry.run is not None
            if self._log.follow(entry, people=None, run=None, unclean=unclean):
                self._log.record(broken)
                return broken

    def _taken(self, reason: str, *, waits: bool, tell: Tell | None) -> Lease:
        watch = _Watch(self._log)
        told = ""
        while True:
            entry = self._log.read()
            if self._address is not None and entry.moved not in {"", self._address}:
                raise _moved(entry.moved)
            _check_people(entry)
            if entry.run is None or watch.is_dead(entry.run):
                run = this_run(reason)
                people = None if entry.people and entry.people.is_over() else entry.people
                made = self._log.follow(entry, run=run, people=people, unclean=False)
                if made:
                    took_over = entry.unclean or entry.run is not None
                    return Lease(self._log, made, took_over=took_over)
                continue
            if not waits:
                raise _locked(entry.run)
            if tell and told != entry.run.token:
                tell(f"waiting for the environment's lock, held by {entry.run}")
                told = entry.run.token
            time.sleep(ASK_SECONDS)

    def _is_alive(self, run: Holder) -> bool:
        return not _Watch(self._log).is_dead(run)


class _Watch:
    """Watches a run on another machine for signs of life."""

    def __init__(self, log: LockLog) -> None:
        self._log = log
        self._seen: tuple[str, bytes | None] = ("", None)
        self._since = time.monotonic()

    def is_dead(self, run: Holder) -> bool:
        life = run.process.life() if run.process else Life.UNKNOWN
        if life is not Life.UNKNOWN:
            return life is Life.DEAD
        beat = (run.token, self._log.beat_of(run))
        if beat != self._seen:
            self._seen, self._since = beat, time.monotonic()
        return time.monotonic() - self._since > LAPSE_SECONDS


@contextmanager
def held(path: Path, reason: str) -> Iterator[None]:
    """Hold the lock of the environment in this file's folder while the body runs.

    Raises:
        Locked: another run holds it; the message names who, since when and why.
    """
    with Lock(LockLog(FileStore(path.parent))).held(reason):
        yield


def _check_people(entry: Entry) -> None:
    people = entry.people
    if people is None or people.is_over() or people.person == this_person():
        return
    raise Locked(
        f"the environment is held by {people}",
        hint="ask them to run govstack lock release; if they cannot: govstack lock break",
    )


def _locked(run: Holder) -> Locked:
    return Locked(
        f"the environment is locked by {run}",
        hint="wait until that run has ended, then try again; if its machine is gone: "
        "govstack lock break",
    )


def _lost(log: LockLog) -> Locked:
    try:
        now = log.read().run
    except StateUnreachable:
        now = None
    who = f"now {now} holds it" if now else "its store did not answer, or the lock was broken"
    return Locked(
        f"this run has stopped, since it lost the lock of the environment: {who}",
        hint="see govstack lock show; then run the same command again",
    )


def _moved(address: str) -> Locked:
    return Locked(
        f"the state of this environment has been moved to {address}",
        hint=f"write backend: {address} into the environment's file, as was said then",
    )
