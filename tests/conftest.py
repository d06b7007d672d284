"""What tests of every kind share: the city of Yunzhou, in a folder that a test may spoil."""

import shutil
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from govstack.state.store import Sequence, Store

CHECKOUT = Path(__file__).parent.parent
# Who runs the tests in the background has interrupts ignored, and so would all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

Edit = Callable[[str, str, str], None]


@pytest.fixture
def yunzhou(tmp_path: Path) -> Path:
    """A copy of a city as small as a city can be: three layers, five systems, six nodes."""
    root = tmp_path / "yunzhou"
    shutil.copytree(CHECKOUT / "tests" / "data" / "sites" / "yunzhou", root)
    return root


@pytest.fixture
def edit(yunzhou: Path) -> Edit:
    """Replace a text in one of the site's files; it must be there."""

    def replace(file: str, old: str, new: str) -> None:
        path = yunzhou / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


@pytest.fixture
def keeps_the_contract() -> Callable[[Store], None]:
    """What every store must do; the store is empty at first, and afterwards."""

    def check(store: Store) -> None:
        assert store.get("a/1") is None
        assert store.list("") == ()
        store.delete("a/1")
        store.put("a/2", b"\x00old")
        store.put("a/2", b"\x00new")
        assert store.get("a/2") == b"\x00new"
        assert store.create("a/1", b"mine")
        assert not store.create("a/1", b"yours")
        assert store.get("a/1") == b"mine"
        store.put("ab/%_", b"")
        assert store.list("a/") == ("a/1", "a/2")
        assert store.list("a") == ("a/1", "a/2", "ab/%_")
        # Of many who add the same number, one succeeds; nobody skips one.
        log = Sequence(store, "log")
        assert log.last() == (0, b"")
        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(lambda who: log.append(1, b"%d" % who), range(8)))
        assert won.count(True) == 1
        assert log.last() == (1, b"%d" % won.index(True))
        assert log.append(2, b"two")
        log.drop_before(2)
        assert (log.numbers(), log.read(1), log.last()) == ((2,), None, (2, b"two"))
        for key in store.list(""):
            store.delete(key)
        assert store.list("") == ()

    return check
