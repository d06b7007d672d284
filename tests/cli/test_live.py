"""Live progress: it fits the terminal, tells what ended, and leaves a clean screen."""

import codecs
import fcntl
import io
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from govstack.values.observer import Event, StepAdvanced, StepStarted
from govstack_cli.render.live import LiveProgress
from govstack_cli.render.look import Look

LIVE_UP = Path(__file__).parent / "programs" / "live_up.py"
PATIENCE = 20
"""Seconds after which a terminal that says nothing more is taken for hung."""

PICTURES = {
    100: [
        f"⠦ inf-bas  堡垒机系统      create Port {'长' * 21} …     12     8 s",
        f"⠦ dat-rdb  关系数据库服务  download{' ' * 48}    3/9     8 s",
    ],
    60: [
        "⠦ inf-bas  堡垒机系统      create Port 长长…     12     8 s",
        "⠦ dat-rdb  关系数据库服务  download             3/9     8 s",
    ],
    20: ["⠦ inf-bas  堡垒机系", "⠦ dat-rdb  关系数据"],
}


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("width", [100, 60, 20])
def test_the_picture_fits_the_terminal(width: int) -> None:
    console = Console(file=io.StringIO(), width=width, force_terminal=True)
    clock = Clock()
    progress = LiveProgress(console, Look(), clock=clock)
    progress.notify(StepStarted("inf-bas", "堡垒机系统"))
    progress.notify(StepStarted("dat-rdb", "关系数据库服务"))
    progress.notify(StepAdvanced("inf-bas", "create Port " + "长" * 60, 12))
    progress.notify(StepAdvanced("dat-rdb", "download", 3, 9))
    clock.now = 8.3
    lines = [str(line) for line in progress.picture().renderables]
    assert all(cell_len(line) < width for line in lines)
    assert lines == PICTURES[width]


QUESTION = "[y/N] "


def kept(events: tuple[Event, ...], *, verbose: bool = False, foresees: bool = False) -> list[str]:
    """Return the lines that stay of a live display."""
    stream = io.StringIO()
    console = Console(file=stream, width=100, force_terminal=True, color_system=None)
    with LiveProgress(console, Look(verbose=verbose), foresees=foresees) as progress:
        for event in events:
            progress.notify(event)
    screen = Screen()
    screen.feed(stream.getvalue())
    return "\n".join(screen.lines).rstrip().split("\n")


def test_live_lines_stay_of_what_ended(events: tuple[Event, ...]) -> None:
    assert kept(events) == [
        f"✓ inf-bas  堡垒机系统  +1{' ' * 56}8.1 s",
        f"✗ dat-rdb-long  数据库      Quota exceeded{' ' * 44}0.5 s",
        "warning: take care",
    ]


def test_what_others_write_to_stderr_goes_above(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    console = Console(file=stream, width=100, force_terminal=True, color_system=None)
    with LiveProgress(console, Look()) as progress:
        progress.notify(StepStarted("inf-bas", "堡垒机系统"))
        sys.stderr.write("a library warns\n")
    screen = Screen()
    screen.feed(stream.getvalue())
    assert "\n".join(screen.lines).rstrip() == "a library warns"


def test_live_lines_tell_of_resources_if_asked(events: tuple[Event, ...]) -> None:
    assert kept(events, verbose=True)[0] == "  inf-bas  堡垒机系统  create Port yz-001"


def test_live_lines_of_a_preview_claim_no_success(events: tuple[Event, ...]) -> None:
    assert [line.split()[0] for line in kept(events, foresees=True)] == ["✗", "warning:"]


class Screen:
    """A terminal that understands just what the live display writes."""

    def __init__(self) -> None:
        self.lines = [""]
        self.row = 0
        self.cursor_is_shown = True

    def feed(self, text: str) -> None:
        for match in re.finditer(r"\x1b\[([?\d;]*)([A-Za-z])|\r|\n|[^\x1b\r\n]+", text):
            if match[2]:
                self._control(match[1], match[2])
            elif match[0] == "\n":
                self.row += 1
                self.lines += [""] * (self.row + 1 - len(self.lines))
            elif match[0] != "\r":
                self.lines[self.row] += match[0]

    def _control(self, number: str, letter: str) -> None:
        if letter == "A":
            self.row -= int(number or 1)
        elif letter == "K":
            self.lines[self.row] = ""
        elif letter in "hl":
            self.cursor_is_shown = letter == "h"
        else:
            assert letter == "m", f"unknown control: {number}{letter}"


@contextmanager
def terminal(*command: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run a command on a terminal of 100 columns of its own."""
    outside, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    # Whoever runs the tests may say how wide its own terminal is.
    own = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    process = subprocess.Popen(command, stdin=inside, stdout=inside, stderr=inside, env=own)
    os.close(inside)
    try:
        yield outside, process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(outside)


def read_to_end(outside: int, prompt: str, react: Callable[[], object]) -> str:
    """Return all that a terminal was shown, reacting once to a prompt."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    text = ""
    has_reacted = False
    while select.select([outside], [], [], PATIENCE)[0]:
        try:
            news = os.read(outside, 65536)
        except OSError:
            return text
        text += decoder.decode(news)
        if not has_reacted and prompt in text:
            has_reacted = True
            react()
    raise AssertionError(f"the terminal went silent after {text[-200:]!r}")


SUMMARY = [
    "云州市政务云 yunzhou · sandbox",
    "",
    "Infrastructure 基础设施层",
    "  ✓ inf-bas  堡垒机系统      +5  8.1 s",
    "  ✓ dat-rdb  关系数据库服务  +5  8.1 s",
    "  ✓ app-oa   协同办公OA系统  +5  8.1 s",
    "",
    "3 systems: 3 changed  +15  24.3 s",
    "",
    "Where to look next",
    "  systems, nodes, addresses  govstack status",
    "",
]
ENDS = [
    "note: the image was already there",
    *(
        f"✓ {system}  {name}  +5{' ' * 56}8.1 s"
        for system, name in (
            ("inf-bas", "堡垒机系统    "),
            ("dat-rdb", "关系数据库服务"),
            ("app-oa ", "协同办公OA系统"),
        )
    ),
    "",
]


def test_live_progress_leaves_a_clean_screen() -> None:
    with terminal(sys.executable, str(LIVE_UP), "0.03", "up", "--yes") as (outside, process):
        text = read_to_end(outside, QUESTION, process.kill)
        assert process.wait() == 0
    screen = Screen()
    screen.feed(text)
    assert screen.lines == [*ENDS, *SUMMARY]
    assert screen.cursor_is_shown
    before, after = re.sub(r"\x1b\[\d*m", "", text).split("✓ inf-bas", maxsplit=1)
    assert re.search(r"[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] inf-bas", before)
    assert not re.search(r"[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] inf-bas", after)


def test_a_question_stands_on_a_clean_screen() -> None:
    with terminal(sys.executable, str(LIVE_UP), "0.01", "up") as (outside, process):
        text = read_to_end(outside, QUESTION, lambda: os.write(outside, b"y\n"))
        assert process.wait() == 0
    screen = Screen()
    screen.feed(text)
    question = next(n for n, line in enumerate(screen.lines) if "[y/N]" in line)
    assert screen.lines[:4] == [ENDS[0], "", SUMMARY[0], ""]
    assert screen.lines[question - 2 : question + 1] == [
        "Total: + 15 to create  24.3 s",
        "",
        "Make these changes to 云州市政务云 (sandbox)? [y/N] y",
    ]
    assert screen.lines[question + 1 :] == [*ENDS, *SUMMARY]
    assert screen.cursor_is_shown


def test_a_no_changes_nothing() -> None:
    with terminal(sys.executable, str(LIVE_UP), "0.01", "up") as (outside, process):
        text = read_to_end(outside, QUESTION, lambda: os.write(outside, b"n\n"))
        assert process.wait() == 0
    screen = Screen()
    screen.feed(text)
    assert screen.lines[-3:] == [
        "Make these changes to 云州市政务云 (sandbox)? [y/N] n",
        "nothing was changed, as you wished",
        "",
    ]


def test_an_interrupt_of_the_work_leaves_a_clean_screen() -> None:
    with terminal(sys.executable, str(LIVE_UP), "0.3", "up", "--yes") as (outside, process):
        text = read_to_end(outside, "dat-rdb", lambda: process.send_signal(signal.SIGINT))
        assert process.wait() == 130
    screen = Screen()
    screen.feed(text)
    assert "\n".join(screen.lines).rstrip() == "error: stopped by the user"
    assert screen.cursor_is_shown


def test_an_end_of_input_at_the_question_is_130() -> None:
    with terminal(sys.executable, str(LIVE_UP), "0.01", "up") as (outside, process):
        text = read_to_end(outside, QUESTION, lambda: os.write(outside, b"\x04"))
        assert process.wait() == 130
    screen = Screen()
    screen.feed(text)
    assert screen.lines[-2:] == ["error: stopped by the user", ""]
    assert screen.cursor_is_shown
