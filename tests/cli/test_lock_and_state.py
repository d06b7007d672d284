"""The verbs `lock` and `state`: what they show, ask and pass on."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from govstack.operations.report_state import (
    BackupMade,
    BackupReport,
    BreakReport,
    HolderReport,
    LockReport,
    RotationReport,
    StackState,
    StateMoved,
    StateReport,
)
from govstack.site.kinds import Layer

CITY = {"site": "yunzhou", "name": "云州市政务云", "environment": "production"}
LI = HolderReport(
    person="li@ops1",
    reason="storage work",
    since="2026-03-01T08:00:00+00:00",
    expires="2026-03-01T12:00:00+00:00",
)
RUN = HolderReport(
    person="wang@ops2", reason="up", since="2026-03-01T08:10:00+00:00", pid=41, life="unknown"
)
BROKEN = BreakReport(
    by="li@ops1", when="2026-02-01T00:00:00+00:00", why="ops3 burnt", broken="wang@ops3: up"
)
LOCK = LockReport(people=LI, run=RUN, breaks=(BROKEN,), **CITY)
STATE = StateReport(
    store="s3://state/yunzhou/production",
    passphrase="/state/passphrase",
    stacks=(
        StackState(
            layer=Layer.DATA_SERVICE,
            system="dat-rdb",
            name="关系数据库服务",
            resources=1016,
            size=99_000,
            updated="2026-03-01T02:03:04+00:00",
        ),
    ),
    backups=(
        BackupReport(
            number=9, made="2026-03-01T01:00:00+00:00", reason="before up", files=1, path=""
        ),
        BackupReport(
            number=10, made="2026-03-01T02:00:00+00:00", reason="before down", files=20, path=""
        ),
    ),
    **CITY,
)
FILE = BackupReport(
    made="2026-03-01T01:00:00+00:00", reason="state backup", files=20, path="/safe/b.tar.gz"
)


def made(**more: Any) -> BackupMade:
    return BackupMade(backup=FILE, passphrase="/state/passphrase", **CITY, **more)


def test_lock_show_names_all_who_hold_it(fake: Any, run: Any) -> None:
    fake("lock.show", LOCK)
    ran = run("lock", "show")
    assert ran.exit_code == 0
    assert ran.out.splitlines() == [
        "云州市政务云 yunzhou · production",
        (
            "  people  li@ops1                          storage work  2026-03-01T08:00:00+00:00"
            " until 2026-03-01T12:00:00+00:00"
        ),
        "  run     wang@ops2 (process 41, unknown)  up            2026-03-01T08:10:00+00:00",
        "",
        "Broken",
        "  2026-02-01T00:00:00+00:00  li@ops1  ops3 burnt  wang@ops3: up",
    ]


def test_a_free_lock_is_said_to_be_free(fake: Any, run: Any) -> None:
    operation = fake("lock.release", LockReport(action="released", **CITY))
    assert run("lock", "release").out.splitlines() == [
        "云州市政务云 yunzhou · production",
        "✓ the environment is free",
        "  nobody holds it",
    ]
    assert len(operation.calls) == 1


def test_lock_take_passes_on_why_and_how_long(fake: Any, run: Any) -> None:
    operation = fake("lock.take", LockReport(action="taken", people=LI, **CITY))
    assert "✓ you hold the environment" in run("lock", "take", "work", "--hours", "1.5").out
    assert operation.calls[0][0][1:] == ("work", 1.5)
    assert run("lock", "take", "work", "--hours", "0").exit_code == 2


def test_lock_break_asks_first(fake: Any, run: Any) -> None:
    operation = fake("lock.break_lock", LockReport(action="broken", breaks=(BROKEN,), **CITY))
    refused = run("lock", "break", "ops3 burnt")
    assert (refused.exit_code, operation.calls) == (2, [])
    assert "give --yes" in refused.err
    assert "the lock is broken" in run("lock", "break", "ops3 burnt", "--yes").out
    assert operation.calls[0][0][1:] == ("ops3 burnt",)


def test_state_list_shows_stacks_and_backups(fake: Any, run: Any) -> None:
    fake("state.list_state", STATE)
    assert run("state", "list").out.splitlines() == [
        "云州市政务云 yunzhou · production · s3://state/yunzhou/production",
        (
            "  data-service/dat-rdb  关系数据库服务  1,016 resources  97 KiB"
            "  2026-03-01T02:03:04+00:00"
        ),
        "",
        "Automatic backups",
        "   9  2026-03-01T01:00:00+00:00    1 file  before up",
        "  10  2026-03-01T02:00:00+00:00  20 files  before down",
        "",
        "sealed with /state/passphrase: keep a copy of it elsewhere",
    ]


def test_state_backup_says_what_else_to_keep(fake: Any, run: Any) -> None:
    operation = fake("state.backup", made())
    assert run("state", "backup", "--to", "/safe/b.tar.gz").out.splitlines() == [
        "✓ 20 files in /safe/b.tar.gz",
        "  it is of no use without /state/passphrase",
    ]
    assert operation.calls[0][0][2] == Path("/safe/b.tar.gz")
    run("state", "backup")
    assert operation.calls[1][0][2].name.startswith("yunzhou-sandbox-")


def test_state_restore_asks_first(fake: Any, run: Any) -> None:
    operation = fake("state.restore", made(restored=True))
    assert run("state", "restore", "7").exit_code == 2
    assert operation.calls == []
    assert run("state", "restore", "7", "--yes").out.splitlines() == [
        "✓ 20 files of 2026-03-01T01:00:00+00:00 from /safe/b.tar.gz",
        "",
        "Where to look next",
        "  what differs from the site now  govstack preview --all",
    ]
    assert operation.calls[0][0][2] == "7"


@pytest.mark.parametrize(
    ("backend", "line"), [("s3://there", "backend: s3://there"), ("", "no backend")]
)
def test_state_move_says_what_to_write(fake: Any, run: Any, backend: str, line: str) -> None:
    moved = StateMoved(
        before="file:///here",
        after="s3://there/yunzhou/production",
        backend=backend,
        file="environments/production.yaml",
        files=20,
        **CITY,
    )
    fake("state.move", moved)
    assert run("state", "move", backend or "files").out.splitlines() == [
        "✓ 20 files of state are in s3://there/yunzhou/production",
        "  file:///here is marked as moved",
        f"now write into environments/production.yaml: {line}",
    ]


def test_secrets_rotate_asks_first(fake: Any, run: Any) -> None:
    operation = fake(
        "secrets.rotate", RotationReport(files=9, passphrase="/state/passphrase", **CITY)
    )
    assert run("secrets", "rotate").exit_code == 2
    assert operation.calls == []
    assert run("secrets", "rotate", "--yes").out.splitlines() == [
        "✓ 9 files encrypted with a new passphrase",
        "  copy it to where the old one was: /state/passphrase",
    ]


def test_secrets_rotate_passwords_of_systems(fake: Any, run: Any, reports: Any) -> None:
    operation = fake("passwords.renew", reports.run)
    assert run("secrets", "rotate", "app-oa", "--yes").err.splitlines()[-2] == (
        "error: The passphrase is of the whole environment; for systems: --passwords."
    )
    assert run("secrets", "rotate", "--passwords", "app-oa").exit_code == 2
    assert operation.calls == []
    done = run("secrets", "rotate", "--passwords", "app-oa", "--yes", "--output", "json")
    assert done.exit_code == 0
    assert [options for _, options in operation.calls] == [{"systems": ("app-oa",)}]


def test_up_and_down_wait_unless_told_otherwise(fake: Any, run: Any, reports: Any) -> None:
    for verb in ("up", "down"):
        operation = fake(f"{verb}.{verb}", reports.run)
        run(verb, "--yes")
        run(verb, "--yes", "--no-wait")
        assert [args[0].waits for args, _ in operation.calls] == [True, False]


def test_a_key_manager_is_named_where_there_is_no_passphrase(fake: Any, run: Any) -> None:
    sealed = {"passphrase": "", "key_manager": "hashivault://yunzhou"}
    fake("state.list_state", replace(STATE, **sealed))
    assert run("state", "list").out.splitlines()[-1] == (
        "sealed with a key that hashivault://yunzhou alone can open"
    )
    fake("state.backup", replace(made(), **sealed))
    assert run("state", "backup", "--to", "/safe/b.tar.gz").out.splitlines()[1:] == [
        "  it is of no use without hashivault://yunzhou"
    ]
    fake("secrets.rotate", RotationReport(files=9, **sealed, **CITY))
    assert run("secrets", "rotate", "--yes").out.splitlines() == [
        "✓ 9 files encrypted with a new key",
        "  hashivault://yunzhou alone can open it",
    ]
