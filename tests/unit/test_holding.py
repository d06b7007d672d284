"""Holding an environment: what is fetched before a run and put back after it."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from govstack.errors import Locked, StateUnreachable, StateUnreadable
from govstack.operations import holding as module
from govstack.operations.holding import forget, holding, lock_of, reading
from govstack.operations.session import Session, open_session
from govstack.operations.state import backup, list_state, move, restore
from govstack.operations.target import Target
from govstack.state.secrets import passphrase
from govstack.state.stores.files import FileStore
from govstack.values.observer import Event, Note, Silent

CHECKPOINT = Path(".pulumi", "stacks", "data-service", "dat-rdb.json")
SILENT = Silent()


class Listener:
    """Remembers the notes that it was told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def notify(self, event: Event) -> None:
        if isinstance(event, Note):
            self.notes.append(event.text)


@pytest.fixture
def target(yunzhou: Path, tmp_path: Path) -> Callable[[str], Target]:
    """The city on some machine, by the machine's name."""

    def on(machine: str) -> Target:
        return Target(
            root=yunzhou,
            environment="production",
            state_home=tmp_path / machine,
            cache_home=tmp_path / "cache",
        )

    return on


@pytest.fixture
def keep_in(yunzhou: Path) -> Callable[..., None]:
    """Write where the state is kept into the environment's file."""
    path = yunzhou / "environments" / "production.yaml"
    text = path.read_text(encoding="utf-8")

    def write(*lines: str) -> None:
        path.write_text("\n".join((text, *lines)), encoding="utf-8")

    return write


def change(session: Session, text: str) -> None:
    path = session.places.backend / CHECKPOINT
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def checkpoint(session: Session) -> str:
    return (session.places.backend / CHECKPOINT).read_text(encoding="utf-8")


def share_passphrase(one: Session, two: Session) -> None:
    two.places.root.mkdir(parents=True, exist_ok=True)
    shutil.copy2(one.places.passphrase, two.places.passphrase)


def run(session: Session, text: str, reason: str = "up") -> None:
    with holding(session, SILENT, reason):
        passphrase(session.places)
        change(session, text)


def test_plain_files_stay_where_they_are(target: Callable[[str], Target]) -> None:
    session = open_session(target("one"))
    run(session, "1")
    with reading(session):
        assert checkpoint(session) == "1"
    assert not (session.places.root / "copy.json").exists()


def test_what_one_machine_did_another_goes_on_with(
    target: Callable[[str], Target], keep_in: Callable[..., None], tmp_path: Path
) -> None:
    keep_in(f"backend: {(tmp_path / 'share').as_uri()}")
    one, two = open_session(target("one")), open_session(target("two"))
    run(one, "1")
    with pytest.raises(StateUnreadable, match="is not on this machine") as caught, reading(two):
        pytest.fail("nothing can be read without the passphrase")
    assert str(two.places.passphrase) in str(caught.value)
    share_passphrase(one, two)
    with reading(two):
        assert checkpoint(two) == "1"
    run(two, "2")
    with reading(one):
        assert checkpoint(one) == "2"


def test_what_a_failed_run_did_is_kept(
    target: Callable[[str], Target], keep_in: Callable[..., None], tmp_path: Path
) -> None:
    keep_in(f"backend: {(tmp_path / 'share').as_uri()}")
    one, two = open_session(target("one")), open_session(target("two"))
    run(one, "1")
    share_passphrase(one, two)

    def fail() -> None:
        with holding(one, SILENT, "up"):
            change(one, "half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with holding(two, SILENT, "up"):
        assert checkpoint(two) == "half"


def test_a_store_that_is_gone_at_the_end_loses_nothing(
    target: Callable[[str], Target], keep_in: Callable[..., None], tmp_path: Path
) -> None:
    share = tmp_path / "share"
    keep_in(f"backend: {share.as_uri()}")
    session = open_session(target("one"))
    run(session, "1")

    def lose() -> None:
        with holding(session, SILENT, "up"):
            change(session, "2")
            share.rename(tmp_path / "elsewhere")
            share.write_text("", encoding="utf-8")

    with pytest.raises(StateUnreachable, match="what was done is kept on this machine"):
        lose()
    share.unlink()
    (tmp_path / "elsewhere").rename(share)
    # The lock could not be freed; elsewhere it would be found that its process has ended.
    lock_of(session).break_up("the store is back")
    listener = Listener()
    with holding(session, listener, "up"):
        assert checkpoint(session) == "2"
    assert [note.partition(";")[0] for note in listener.notes] == ["an earlier run was interrupted"]


def test_a_run_puts_its_state_away_while_it_goes_on(
    target: Callable[[str], Target],
    keep_in: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "KEEP_SECONDS", 0.05)
    keep_in(f"backend: {(tmp_path / 'share').as_uri()}")
    one, two = open_session(target("one")), open_session(target("two"))
    run(one, "1")
    share_passphrase(one, two)
    share = FileStore(tmp_path / "share" / "yunzhou" / "production")
    with holding(one, SILENT, "up"):
        before = share.list("books/")
        change(one, "halfway")
        while share.list("books/") == before:
            time.sleep(0.01)
        with reading(two):
            assert checkpoint(two) == "halfway"


def test_nothing_is_in_clear_between_runs(
    target: Callable[[str], Target], keep_in: Callable[..., None]
) -> None:
    keep_in("encrypt_state: true")
    session = open_session(target("one"))
    run(session, "planted")
    assert not session.places.backend.exists()
    with reading(session), reading(session):
        assert checkpoint(session) == "planted"
    assert not session.places.backend.exists()
    assert not any(
        b"planted" in path.read_bytes() for path in session.places.root.rglob("*") if path.is_file()
    )
    keep_in()
    session = open_session(target("one"))
    run(session, "in clear again")
    assert checkpoint(session) == "in clear again"


def test_backups_are_made_and_restored(target: Callable[[str], Target], tmp_path: Path) -> None:
    session = open_session(target("one"))
    for number in range(4):
        run(session, f"{number}")
    report = list_state(target("one"), SILENT).data
    assert [(each.number, each.reason) for each in report.backups] == [
        (number, "before up") for number in (1, 2, 3)
    ]
    assert [(stack.system, stack.size) for stack in report.stacks] == [("dat-rdb", 1)]
    restore(target("one"), SILENT, "2")
    assert checkpoint(session) == "1"
    # What was there before the restore can be had back too.
    restore(target("one"), SILENT, "4")
    assert checkpoint(session) == "3"
    path = tmp_path / "safe.tar.gz"
    backup(target("one"), SILENT, path)
    run(session, "later")
    restore(target("one"), SILENT, str(path))
    assert checkpoint(session) == "3"


def test_a_restore_is_refused_while_a_run_goes_on(target: Callable[[str], Target]) -> None:
    session = open_session(target("one"))
    run(session, "1")
    with holding(session, SILENT, "up"), pytest.raises(Locked, match=": up"):
        restore(target("one"), SILENT, "1")


def test_old_backups_go(target: Callable[[str], Target], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_BACKUPS", 2)
    for number in range(6):
        run(open_session(target("one")), f"{number}")
    report = list_state(target("one"), SILENT).data
    assert [each.number for each in report.backups] == [4, 5]


def test_a_state_moves_and_says_where_it_went(
    target: Callable[[str], Target], keep_in: Callable[..., None], tmp_path: Path
) -> None:
    addresses = [(tmp_path / name).as_uri() for name in ("first", "second")]
    run(open_session(target("one")), "1")
    for address in addresses:
        moved = move(target("one"), SILENT, address).data
        assert (moved.backend, moved.files) == (address, 1)
        with pytest.raises(Locked, match=f"moved to {address}"):
            run(open_session(target("one")), "lost")
        keep_in(f"backend: {address}")
        run(open_session(target("one")), f"in {address}")
    assert list((tmp_path / "first").rglob("contents/*")) == []
    assert move(target("one"), SILENT, "files").data.backend == ""
    keep_in()
    session = open_session(target("one"))
    with holding(session, SILENT, "up"):
        assert checkpoint(session) == f"in {addresses[1]}"


def test_a_state_moves_into_no_other_state(
    target: Callable[[str], Target], keep_in: Callable[..., None], tmp_path: Path
) -> None:
    address = (tmp_path / "share").as_uri()
    keep_in(f"backend: {address}")
    run(open_session(target("one")), "theirs")
    keep_in()
    two = open_session(target("two"))
    run(two, "mine")
    share_passphrase(open_session(target("one")), two)
    with pytest.raises(StateUnreadable):
        move(target("two"), SILENT, address)
    assert checkpoint(two) == "mine"


def test_what_described_a_cloud_that_is_gone_is_forgotten_everywhere(
    target: Callable[[str], Target], keep_in: Callable[..., None], tmp_path: Path
) -> None:
    keep_in(f"backend: {(tmp_path / 'share').as_uri()}")
    session = open_session(target("one"))
    run(session, "1")
    run(session, "2")
    forget(session)
    assert list((tmp_path / "share").rglob("contents/*")) == []
    assert list(session.places.root.rglob("backups/contents/*")) == []
    session.places.passphrase.unlink()
    shutil.rmtree(session.places.backend)
    run(session, "new")


def test_the_lock_is_that_of_the_store(
    target: Callable[[str], Target], keep_in: Callable[..., None], tmp_path: Path
) -> None:
    keep_in(f"backend: {(tmp_path / 'share').as_uri()}")
    one, two = open_session(target("one")), open_session(target("two"))
    with lock_of(one).held("up"), pytest.raises(Locked), holding(two, SILENT, "up"):
        pytest.fail("two hold one environment")
