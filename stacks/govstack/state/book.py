"""An environment's state in a store: a book of what belongs to it, and the contents.

Contents are named by their keyed digest and never overwritten, and each new state of the whole is
a new book: who reads sees one whole state, and of two who write at once one is refused.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeVar

from govstack.errors import StateUnreadable
from govstack.state.holder import this_person
from govstack.state.seal import Sealer, salt_of
from govstack.state.store import Sequence, Store
from govstack.values.digest import plain
from govstack.values.secret import Secret

FORMAT: Final = 1
BOOKS: Final = "books"
CONTENTS: Final = "contents"
CALLS_AT_ONCE: Final = 16

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One state of the whole.

    Attributes:
        number: books are counted from 1.
        made: when, ISO 8601 in UTC.
        by: whose run made it.
        reason: what that run did.
        files: name of the content, by path in the environment's folder.
    """

    number: int
    made: str
    by: str
    reason: str
    files: Mapping[str, str]


class Shelf:
    """The books of one environment, and their contents."""

    def __init__(self, store: Store, passphrase: Secret) -> None:
        self._store = store
        self._books = Sequence(store, BOOKS)
        self._sealer = Sealer(passphrase)

    @property
    def name(self) -> str:
        """Return the address of the store."""
        return self._store.name

    def latest(self) -> Book | None:
        """Return the last book, None in a store that was never used.

        Raises:
            StateUnreadable: it was made with another passphrase or a newer govstack.
            StateUnreachable: the store does not answer.
        """
        number, sealed = self._books.last()
        return self._opened(number, sealed) if number else None

    def last_number(self) -> int:
        """Return the number of the last book, whether it can be opened or not; 0 without any."""
        return self._books.last()[0]

    def books(self) -> tuple[Book, ...]:
        """Return all books that are kept, oldest first."""
        found = ((number, self._books.read(number)) for number in self._books.numbers())
        return tuple(self._opened(number, sealed) for number, sealed in found if sealed)

    def name_of(self, data: bytes) -> str:
        """Return the name that a content has here; to be asked after `latest`."""
        return self._sealer.name(data)

    def contents(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return contents by name.

        Raises:
            StateUnreadable: one is missing or damaged.
        """
        wanted = tuple(dict.fromkeys(names))
        return dict(zip(wanted, _side_by_side(self._content, wanted), strict=True))

    def add(
        self, before: int, reason: str, files: Mapping[str, str], new: Mapping[str, bytes]
    ) -> Book | None:
        """Add a book after `before`; return None if someone else has added one meanwhile.

        Args:
            before: number of the last book, 0 if there is none.
            reason: what the run does.
            files: name of the content by path.
            new: those contents that no book has yet, by name.
        """

        def keep(item: tuple[str, bytes]) -> None:
            key = f"{CONTENTS}/{item[0]}"
            self._store.put(key, self._sealer.seal(key, item[1]))

        _side_by_side(keep, new.items())
        made = Book(
            number=before + 1,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            by=this_person(),
            reason=reason,
            files=dict(files),
        )
        body = json.dumps({"format": FORMAT, "book": plain(made)}, ensure_ascii=False)
        sealed = self._sealer.seal(_key(made.number), body.encode())
        return made if self._books.append(made.number, sealed) else None

    def prune(self, keep: int) -> None:
        """Forget all but the last books, and the contents that only those forgotten had."""
        numbers = self._books.numbers()
        if len(numbers) <= keep:
            return
        self._books.drop_before(numbers[-keep])
        needed = {name for book in self.books() for name in book.files.values()}
        for key in self._store.list(f"{CONTENTS}/"):
            if key.removeprefix(f"{CONTENTS}/") not in needed:
                self._store.delete(key)

    def _content(self, name: str) -> bytes:
        key = f"{CONTENTS}/{name}"
        sealed = self._store.get(key)
        if sealed is None:
            raise StateUnreadable(
                f"the store {self.name} has lost {key}",
                hint="restore a backup: govstack state restore",
            )
        return self._sealer.open(key, sealed)

    def _opened(self, number: int, sealed: bytes) -> Book:
        key = _key(number)
        self._sealer.salt = salt_of(key, sealed)
        body = json.loads(self._sealer.open(key, sealed))
        if body["format"] != FORMAT:
            raise StateUnreadable(
                f"{key} in the store {self.name} is of format {body['format']}, this govstack "
                f"reads {FORMAT}",
                hint="use the govstack that wrote it",
            )
        return Book(**body["book"])


def _key(number: int) -> str:
    return f"{BOOKS}/{number}"


def _side_by_side(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    waiting = tuple(items)
    if not waiting:
        return []
    with ThreadPoolExecutor(min(CALLS_AT_ONCE, len(waiting))) as pool:
        return list(pool.map(function, waiting))
