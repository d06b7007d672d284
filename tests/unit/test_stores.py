"""Stores and what is built on them: sealing, books, the working copy, the lock."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from govstack.errors import Interrupted, Locked, StateUnreachable, StateUnreadable
from govstack.state import lock as locks
from govstack.state import stores
from govstack.state.archive import read_archive, write_archive
from govstack.state.book import Shelf
from govstack.state.copy import WorkingCopy
from govstack.state.holder import Life, this_process, this_run
from govstack.state.keys import Keys
from govstack.state.lock import Lock, held
from govstack.state.locklog import LockLog
from govstack.state.seal import Sealer
from govstack.state.store import Store
from govstack.state.stores.files import FileStore
from govstack.values.secret import Secret

KEY = Secret("correct horse battery staple")
CHECKPOINT = "pulumi/.pulumi/stacks/data-service/dat-rdb.json"
FILES = {
    CHECKPOINT: '{"version": 3}',
    "records/dat-rdb.json": '{"format": 1}',
    "workspaces/data-service/dat-rdb/Pulumi.dat-rdb.yaml": "encryptionsalt: v1:abc\n",
    "passwords.json": '{"user": "planted-password"}',
    "vault/dat-rdb.yml": "$ANSIBLE_VAULT;1.1;AES256\n",
}
NOT_STATE = {
    "passphrase": "correct horse battery staple",
    "clouds.yaml": "{}",
    "pulumi/.pulumi/stacks/data-service/dat-rdb.json.bak": "old",
    "pulumi/.pulumi/stacks/data-service/dat-rdb.bak.json": "old",
    "pulumi/.pulumi/history/data-service/dat-rdb/dat-rdb-1.json": "old",
}


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def read(root: Path) -> dict[str, str]:
    return {
        path: (root / path).read_text(encoding="utf-8") for path in FILES if (root / path).exists()
    }


class Machine:
    """A machine with a working copy of the state in a store."""

    def __init__(self, root: Path, store: Store, key: Secret = KEY) -> None:
        self.root = root
        self.shelf = Shelf(store, key)
        self.copy = WorkingCopy(root, self.shelf, root / "copy.json")


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "store")


@pytest.fixture
def machines(tmp_path: Path, store: FileStore) -> tuple[Machine, Machine]:
    return Machine(tmp_path / "one", store), Machine(tmp_path / "two", store)


def test_a_folder_is_a_store(
    store: FileStore, keeps_the_contract: Callable[[Store], None], tmp_path: Path
) -> None:
    keeps_the_contract(store)
    store.put("a/b", b"")
    assert stat.S_IMODE((tmp_path / "store" / "a" / "b").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "store" / "a").stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    store = stores.open_store((tmp_path / "file").as_uri(), "yunzhou/sandbox")
    uses: tuple[Callable[[], object], ...] = (
        lambda: store.get("a"),
        lambda: store.put("a", b""),
        lambda: store.create("a", b""),
        lambda: store.delete("a"),
    )
    for use in uses:
        with pytest.raises(StateUnreachable, match="file/yunzhou/sandbox cannot be used: Not a d"):
            use()


@pytest.mark.parametrize(
    ("address", "library", "extra"),
    [
        ("s3://bucket/prefix", "botocore", "govstack[s3]"),
        ("postgres://me@host/db", "psycopg", "govstack[postgres]"),
    ],
)
def test_a_library_that_is_missing_is_named(
    address: str, library: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (library, f"{library}.config"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(StateUnreachable, match=f"not installed: {library}") as caught:
        stores.open_store(address, "yunzhou/production").get("a")
    assert caught.value.hint == f"pip install '{extra}'"


def test_what_is_sealed_opens_with_the_same_passphrase_and_key_alone() -> None:
    sealer = Sealer(KEY)
    sealed = sealer.seal("a", b"planted-password" * 9)
    assert b"planted" not in sealed
    assert Sealer(KEY).open("a", sealed) == b"planted-password" * 9
    attempts = [
        (Sealer(Secret("wrong")), "a", sealed),
        (sealer, "b", sealed),
        (sealer, "a", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (sealer, "a", sealed[:20]),
    ]
    for other, key, data in attempts:
        with pytest.raises(StateUnreadable, match="does not open with this machine's passphrase"):
            other.open(key, data)
    with pytest.raises(StateUnreadable, match="of a newer format"):
        sealer.open("a", b"govstack-sealed\x02" + sealed[16:])
    with pytest.raises(StateUnreadable, match="no state of govstack"):
        sealer.open("a", b"PK")


def test_the_state_goes_from_one_machine_to_another(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    write(one.root, FILES | NOT_STATE)
    made = one.copy.keep("up")
    assert made
    assert set(made.files) == set(FILES)
    assert two.copy.bring() is None
    assert read(two.root) == FILES
    assert not (two.root / "passphrase").exists()
    assert two.copy.keep("up") is None
    changed = FILES | {CHECKPOINT: '{"version": 4}'}
    write(two.root, changed)
    del changed["vault/dat-rdb.yml"]
    (two.root / "vault" / "dat-rdb.yml").unlink()
    assert two.copy.keep("up")
    assert one.copy.bring() is None
    assert read(one.root) == changed
    assert [book.number for book in one.shelf.books()] == [1, 2]


def test_nothing_in_the_store_is_in_clear(
    machines: tuple[Machine, Machine], store: FileStore
) -> None:
    write(machines[0].root, FILES)
    machines[0].copy.keep("up")
    for key in store.list(""):
        data = store.get(key) or b""
        assert not any(word in data for word in (b"planted", b"dat-rdb", b"version")), key


def test_of_two_who_change_the_state_one_is_refused(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    write(one.root, FILES)
    one.copy.keep("up")
    two.copy.bring()
    write(one.root, {CHECKPOINT: "one"})
    write(two.root, {CHECKPOINT: "two"})
    assert one.copy.keep("up")
    with pytest.raises(Locked, match="nothing of it was overwritten"):
        two.copy.keep("up")
    aside = two.copy.bring()
    assert aside
    assert (aside / CHECKPOINT).read_text(encoding="utf-8") == "two"
    assert read(two.root) == FILES | {CHECKPOINT: "one"}


def test_what_a_dead_run_left_is_kept(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    write(one.root, FILES)
    one.copy.keep("up")
    write(one.root, {CHECKPOINT: "pending"})
    assert one.copy.bring() is None
    assert read(one.root)[CHECKPOINT] == "pending"
    one.copy.keep("what an interrupted run left")
    two.copy.bring()
    assert read(two.root)[CHECKPOINT] == "pending"


def test_a_new_book_keeps_out_who_was_overtaken(machines: tuple[Machine, Machine]) -> None:
    one, two = machines
    write(one.root, FILES)
    one.copy.keep("up")
    two.copy.bring()
    assert two.copy.keep("took over", always=True)
    write(one.root, {CHECKPOINT: "late"})
    with pytest.raises(Locked):
        one.copy.keep("up")


def test_another_passphrase_changes_nothing(
    machines: tuple[Machine, Machine], store: FileStore, tmp_path: Path
) -> None:
    write(machines[0].root, FILES)
    machines[0].copy.keep("up")
    stranger = Machine(tmp_path / "three", store, Secret("wrong"))
    with pytest.raises(StateUnreadable, match="passphrase"):
        stranger.copy.bring()
    assert read(stranger.root) == {}


def test_old_books_go_and_what_is_needed_stays(
    machines: tuple[Machine, Machine], store: FileStore
) -> None:
    one, two = machines
    write(one.root, FILES)
    for number in range(8):
        write(one.root, {CHECKPOINT: f"version {number}"})
        one.copy.keep("up")
    one.shelf.prune(2)
    assert [book.number for book in one.shelf.books()] == [7, 8]
    assert len(store.list("contents/")) == len(FILES) + 1
    two.copy.bring()
    assert read(two.root) == FILES | {CHECKPOINT: "version 7"}


def test_a_lost_content_is_told(machines: tuple[Machine, Machine], store: FileStore) -> None:
    write(machines[0].root, FILES)
    machines[0].copy.keep("up")
    store.delete(store.list("contents/")[0])
    with pytest.raises(StateUnreadable, match="has lost contents/"):
        machines[1].copy.bring()


def test_a_wiped_copy_comes_back(machines: tuple[Machine, Machine]) -> None:
    one, _ = machines
    write(one.root, FILES | NOT_STATE)
    one.copy.keep("up")
    assert one.copy.is_kept()
    one.copy.wipe()
    left = sorted(str(p.relative_to(one.root)) for p in one.root.rglob("*") if p.is_file())
    assert left == ["clouds.yaml", "passphrase"]
    one.copy.bring()
    assert read(one.root) == FILES


def test_a_backup_is_restored_as_it_was(machines: tuple[Machine, Machine], tmp_path: Path) -> None:
    one, two = machines
    write(one.root, FILES)
    path = tmp_path / "safe" / "backup.tar.gz"
    write_archive(path, "production", one.copy, Keys(KEY))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"planted" not in path.read_bytes()
    with pytest.raises(StateUnreadable, match="cannot be written: File exists"):
        write_archive(path, "production", one.copy, Keys(KEY))
    write(two.root, {"records/app-oa.json": "newer"})
    two.copy.replace(read_archive(path, Keys(KEY)).files)
    assert read(two.root) == FILES
    assert not (two.root / "records" / "app-oa.json").exists()
    with pytest.raises(StateUnreadable, match="passphrase"):
        read_archive(path, Keys(Secret("wrong")))


def test_a_damaged_backup_is_refused(machines: tuple[Machine, Machine], tmp_path: Path) -> None:
    write(machines[0].root, FILES)
    path = tmp_path / "backup.tar.gz"
    write_archive(path, "production", machines[0].copy, Keys(KEY))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(StateUnreadable, match="no whole backup"):
        read_archive(path, Keys(KEY))


@pytest.mark.parametrize("path", ["../escaped.json", "records/../../x.json", "passphrase", "x"])
def test_a_backup_writes_only_what_belongs_to_a_state(
    machines: tuple[Machine, Machine], path: str
) -> None:
    with pytest.raises(StateUnreadable, match="no files of a state"):
        machines[0].copy.replace({path: b""})


HOLDS = """
import sys, time
from pathlib import Path
from govstack.state.lock import held
with held(Path(sys.argv[1]), "up"):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


@pytest.fixture
def log(path: Path) -> LockLog:
    return LockLog(FileStore(path.parent))


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_a_killed_holder_is_recognised_at_once(path: Path, log: LockLog) -> None:
    process = holder(path)
    try:
        with (
            pytest.raises(Locked, match=rf"\(process {process.pid}\) since .*: up"),
            held(path, "x"),
        ):
            pytest.fail("two hold the lock")
    finally:
        end(process)
    started = time.monotonic()
    with Lock(log).held("down") as lease:
        assert lease.took_over
    assert time.monotonic() - started < 1
    with Lock(log).held("down") as lease:
        assert not lease.took_over


def test_who_waits_is_told_for_whom(path: Path, log: LockLog) -> None:
    process = holder(path)
    told: list[str] = []
    threading.Timer(0.5, process.kill).start()
    with Lock(log).held("down", waits=True, tell=told.append):
        pass
    end(process)
    assert len(told) == 1
    assert f"(process {process.pid})" in told[0]


def test_many_processes_never_hold_it_at_once(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from govstack.state.lock import Lock
from govstack.state.locklog import LockLog
from govstack.state.stores.files import FileStore
from govstack.state import lock
lock.ASK_SECONDS = 0.01
root = Path(sys.argv[1])
for _ in range(10):
    with Lock(LockLog(FileStore(root / "locked"))).held("up", waits=True):
        count = int((root / "count").read_text())
        (root / "count").write_text(str(count + 1))
"""
    (tmp_path / "count").write_text("0", encoding="utf-8")
    command = [sys.executable, "-c", code, str(tmp_path)]
    processes = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait() for process in processes] == [0] * 4
    assert (tmp_path / "count").read_text(encoding="utf-8") == "40"


def test_a_silent_holder_elsewhere_lapses_by_the_watchers_clock(
    log: LockLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = replace(this_process(), boot="another", machine="another")
    assert elsewhere.life() is Life.UNKNOWN
    silent = replace(this_run("up"), process=elsewhere, since="2999-01-01T00:00:00+00:00")
    log.follow(log.read(), run=silent)
    log.beat(silent, 1)
    monkeypatch.setattr(locks, "ASK_SECONDS", 0.02)
    monkeypatch.setattr(locks, "LAPSE_SECONDS", 0.3)
    with pytest.raises(Locked):
        Lock(log).held("down").__enter__()
    started = time.monotonic()
    beats = threading.Timer(0.2, log.beat, (silent, 2))
    beats.start()
    with Lock(log).held("down", waits=True) as lease:
        assert lease.took_over
    assert time.monotonic() - started > 0.5
    beats.join()


def test_a_process_is_known_by_its_start_not_its_number() -> None:
    here = this_process()
    assert here.life() is Life.ALIVE
    assert replace(here, started=here.started - 1).life() is Life.DEAD
    assert replace(here, namespace="pid:[1]").life() is Life.UNKNOWN
    outside = replace(here, namespace="pid:[4026531836]", boot="before")
    assert outside.life() is (Life.DEAD if here.namespace == "pid:[4026531836]" else Life.UNKNOWN)


def test_people_hold_an_environment_across_runs(
    log: LockLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = Lock(log)
    lock.take("moving the storage", "2999-01-01T00:00:00+00:00")
    with lock.held("up"):
        pass
    monkeypatch.setattr(locks, "this_person", lambda: "li@elsewhere")
    with (
        pytest.raises(
            Locked, match=r"held by .* until 2999-01-01T00:00:00\+00:00: moving the storage"
        ),
        lock.held("up", waits=True),
    ):
        pytest.fail("held by others")
    with pytest.raises(Locked):
        lock.release()
    broken = lock.break_up("he is on leave")
    assert broken
    assert (broken.by, broken.why) == ("li@elsewhere", "he is on leave")
    assert lock.break_up("again") is None
    with lock.held("up"):
        pass
    assert log.breaks() == (broken,)


def test_a_hold_of_people_ends_with_its_time(log: LockLog) -> None:
    lock = Lock(log)
    lock.take("shortly", "2000-01-01T00:00:00+00:00")
    with lock.held("up"):
        assert log.read().people is None


def test_a_moved_state_says_where_it_is(log: LockLog) -> None:
    log.note_move("s3://bucket/there")
    with pytest.raises(Locked, match="moved to s3://bucket/there"), Lock(log).held("up"):
        pytest.fail("it is elsewhere")
    with Lock(log, "s3://bucket/there").held("up"):
        pass


def test_whose_lock_is_broken_stops(log: LockLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "BEAT_SECONDS", 0.05)

    def hang() -> None:
        with Lock(log).held("up"):
            Lock(log).break_up("it hangs")
            signal.pause()

    with pytest.raises(Locked, match="this run has stopped, since it lost the lock"):
        hang()
    with Lock(log).held("up") as lease:
        assert lease.took_over


def test_who_cannot_show_signs_of_life_stops_before_others_go_on(
    log: LockLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert locks.GIVE_UP_SECONDS + locks.BEAT_SECONDS < locks.LAPSE_SECONDS
    monkeypatch.setattr(locks, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(locks, "GIVE_UP_SECONDS", 0.1)

    def fails(*_: Any) -> None:
        raise StateUnreachable("gone")

    def run() -> None:
        with Lock(log).held("up"):
            monkeypatch.setattr(log, "beat", fails)
            try:
                signal.pause()
            except KeyboardInterrupt:
                raise Interrupted("stopped") from None

    with pytest.raises(Locked, match="lost the lock"):
        run()


def test_an_interrupt_of_the_user_stays_one(log: LockLog) -> None:
    def run() -> None:
        with Lock(log).held("up"):
            os.kill(os.getpid(), signal.SIGINT)
            signal.pause()

    with pytest.raises(KeyboardInterrupt):
        run()
    assert log.read().run is None


def test_a_lock_of_a_newer_format_is_refused(log: LockLog, path: Path) -> None:
    FileStore(path.parent).put("locks/000000000001", json.dumps({"format": 2}).encode())
    with pytest.raises(StateUnreadable, match="of format 2, this govstack reads 1"):
        Lock(log).held("up").__enter__()
