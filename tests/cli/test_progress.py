"""Progress as plain lines, and none at all."""

import io
import os
from datetime import datetime

import pytest

from govstack.values.observer import Event
from govstack_cli.progress import PlainProgress, QuietProgress


def plain(events: tuple[Event, ...], *, verbose: bool) -> str:
    stream = io.StringIO()
    with PlainProgress(
        stream,
        verbose=verbose,
        now=lambda: datetime(2026, 3, 1, 12, 3, 4),  # noqa: DTZ001
    ) as progress:
        for event in events:
            progress.notify(event)
    return stream.getvalue()


def test_plain_lines_tell_of_starts_and_ends(events: tuple[Event, ...]) -> None:
    assert plain(events, verbose=False) == (
        "12:03:04 inf-bas  start  堡垒机系统\n"
        "12:03:04 inf-bas  done  1 create  8.1 s\n"
        "12:03:04 dat-rdb-long  start  数据库\n"
        "12:03:04 dat-rdb-long  failed  Quota exceeded  0.5 s\n"
        "12:03:04 warning: take care\n"
    )


def test_plain_lines_tell_of_resources_if_asked(events: tuple[Event, ...]) -> None:
    assert "12:03:04 inf-bas  create Port yz-001\n" in plain(events, verbose=True)
    assert plain(events, verbose=True).count("create Port") == 1


def test_plain_lines_that_nobody_reads_do_not_stop_the_work(events: tuple[Event, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w")
    progress = PlainProgress(stream)
    progress.notify(events[1])
    with pytest.raises(BrokenPipeError):
        stream.close()


def test_quiet_keeps_the_notes(events: tuple[Event, ...]) -> None:
    with QuietProgress() as progress, progress.suspended():
        for event in events:
            progress.notify(event)
    assert progress.notes == [events[-1]]
