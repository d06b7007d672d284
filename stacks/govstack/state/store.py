"""What keeps an environment's state away from this machine: objects by key.

There is one primitive for two writers, `create`: of many who create the same key, one succeeds.
Every kind of store has it, so whatever must not be overwritten is a `Sequence` of new objects.
"""

from collections.abc import Iterator
from typing import Final, Protocol

DIGITS: Final = 12


class Store(Protocol):
    """Objects by key; a key is a path with slashes.

    Every method raises `StateUnreachable` if the store does not answer or refuses.
    """

    @property
    def name(self) -> str:
        """Return what people call it: its address, without secrets."""
        ...

    def get(self, key: str) -> bytes | None:
        """Return an object, None where there is none."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Keep an object, in place of the one that there may be."""
        ...

    def create(self, key: str, data: bytes) -> bool:
        """Keep an object that is not there yet; return False, changing nothing, if it is."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object, if it is there."""
        ...

    def list(self, prefix: str) -> tuple[str, ...]:
        """Return the keys that begin so, sorted."""
        ...


class Sequence:
    """Numbered objects of which the last one holds; compare-and-swap for stores without it.

    Who has read number N may append number N + 1, unless someone else did meanwhile.
    """

    def __init__(self, store: Store, folder: str) -> None:
        self._store = store
        self._folder = f"{folder}/"

    def last(self) -> tuple[int, bytes]:
        """Return the last number and its object; 0 and nothing for an empty sequence.

        Listings of some stores lag behind, so it is asked for the numbers that follow too.
        """
        number, found = 0, b""
        # What is pruned between listing and reading is long superseded; others are tried.
        for candidate in self._newest_first():
            data = self._store.get(self._key(candidate))
            if data is not None:
                number, found = candidate, data
                break
        while (data := self._store.get(self._key(number + 1))) is not None:
            number, found = number + 1, data
        return number, found

    def read(self, number: int) -> bytes | None:
        """Return one object, None where there is none."""
        return self._store.get(self._key(number))

    def append(self, number: int, data: bytes) -> bool:
        """Add an object; return False if someone else has added this number."""
        return self._store.create(self._key(number), data)

    def close(self, number: int, data: bytes) -> None:
        """Add an object without asking for certainty, which some stores give but slowly.

        For what means the same as whatever someone else may add at this moment.
        """
        if self.read(number) is None:
            self._store.put(self._key(number), data)

    def numbers(self) -> tuple[int, ...]:
        """Return the numbers that there still are, in order."""
        return tuple(sorted(self._newest_first()))

    def drop_before(self, number: int) -> None:
        """Remove what is older than this number."""
        for old in self.numbers():
            if old < number:
                self._store.delete(self._key(old))

    def _newest_first(self) -> Iterator[int]:
        keys = self._store.list(self._folder)
        return (int(key.removeprefix(self._folder)) for key in reversed(keys))

    def _key(self, number: int) -> str:
        return f"{self._folder}{number:0{DIGITS}}"
