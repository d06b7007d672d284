"""What is known of an environment's lock: a log of which the last entry holds.

Whoever takes, frees or breaks the lock adds an entry after the one that it has read; of two who
do so at once, one succeeds.  Breaks are also written into a book of their own that only grows.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from govstack.errors import StateUnreadable
from govstack.state.holder import Holder, Process
from govstack.state.store import Sequence, Store
from govstack.values.digest import plain

FORMAT: Final = 1
LOCKS: Final = "locks"
BREAKS: Final = "breaks"
BEATS: Final = "beats"
KEPT_ENTRIES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The lock as it is.

    Attributes:
        number: of the entry in the log; 0 if the lock was never taken.
        people: whoever holds the environment across runs.
        run: the run that changes it.
        moved: the address that the state was moved to.
        unclean: a run was ended by force, and may not have noticed yet.
    """

    number: int = 0
    people: Holder | None = None
    run: Holder | None = None
    moved: str = ""
    unclean: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A lock that was broken: by whom, when, why, and what it was."""

    by: str
    when: str
    why: str
    broken: str


class LockLog:
    """The log in an environment's store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._entries = Sequence(store, LOCKS)
        self._breaks = Sequence(store, BREAKS)

    def read(self) -> Entry:
        """Return the lock as it is.

        Raises:
            StateUnreadable: it is damaged or of a newer format.
        """
        number, data = self._entries.last()
        if not number:
            return Entry()
        body = _parsed(data, "lock")
        return Entry(
            number=number,
            people=_holder(body["people"]),
            run=_holder(body["run"]),
            moved=body["moved"],
            unclean=body["unclean"],
        )

    def follow(self, entry: Entry, **changes: object) -> Entry | None:
        """Add an entry with these changes; return None if someone else was faster."""
        made = dataclasses.replace(entry, number=entry.number + 1, **changes)  # type: ignore[arg-type]
        if not self._entries.append(made.number, _entry_text(made)):
            return None
        if made.number % KEPT_ENTRIES == 0:
            self._entries.drop_before(made.number - KEPT_ENTRIES)
        return made

    def free(self, entry: Entry, run: Holder) -> None:
        """Add that the run has ended; whoever has overtaken it has said so already."""
        made = dataclasses.replace(entry, number=entry.number + 1, run=None)
        self._entries.close(made.number, _entry_text(made))
        self._store.delete(f"{BEATS}/{run.token}")

    def note_move(self, address: str) -> None:
        """Note that the state is elsewhere now; empty if it is here."""
        while (entry := self.read()).moved != address:
            self.follow(entry, moved=address)

    def is_overtaken(self, entry: Entry) -> bool:
        """Tell whether someone has added an entry after this one."""
        return self._entries.read(entry.number + 1) is not None

    def record(self, broken: Break) -> None:
        """Write a break down, after those that there were."""
        number = self._breaks.last()[0] + 1
        while not self._breaks.append(number, _text(dataclasses.asdict(broken))):
            number += 1

    def breaks(self) -> tuple[Break, ...]:
        """Return all breaks, oldest first."""
        found = (self._breaks.read(number) for number in self._breaks.numbers())
        bodies = [_parsed(data, "break") for data in found if data is not None]
        return tuple(
            Break(**{name: each[name] for name in Break.__dataclass_fields__}) for each in bodies
        )

    def beat(self, holder: Holder, count: int) -> None:
        """Show that the holder lives."""
        self._store.put(f"{BEATS}/{holder.token}", str(count).encode())

    def beat_of(self, holder: Holder) -> bytes | None:
        """Return what the holder has shown last."""
        return self._store.get(f"{BEATS}/{holder.token}")


def _entry_text(entry: Entry) -> bytes:
    names = ("people", "run", "moved", "unclean")
    return _text({name: plain(getattr(entry, name)) for name in names})


def _text(fields: Mapping[str, object]) -> bytes:
    return json.dumps({"format": FORMAT, **fields}, ensure_ascii=False).encode()


def _parsed(data: bytes, what: str) -> Mapping[str, Any]:
    hint = "if no run is under way: govstack lock break"
    try:
        body: Mapping[str, Any] = json.loads(data)
    except ValueError as error:
        raise StateUnreadable(f"the {what} of the environment is damaged: {error}") from error
    if body.get("format") != FORMAT:
        raise StateUnreadable(
            f"the {what} of the environment is of format {body.get('format')}, this govstack "
            f"reads {FORMAT}",
            hint=f"use the govstack that wrote it; {hint}",
        )
    return body


def _holder(fields: Mapping[str, Any] | None) -> Holder | None:
    if fields is None:
        return None
    process = fields["process"]
    return Holder(**{**fields, "process": Process(**process) if process else None})
