"""The cache under stress: two processes at once, an interruption, a crash.

The fake Go waits in the middle of a build until the test lets it go on, so nothing here depends
on timing.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from govstack.engine.toolchain import cache as module
from govstack.engine.toolchain.cache import filling, slot_of
from govstack.engine.toolchain.model import CLI, Origin
from govstack.resources import resource

FAKE_GO = """#!/bin/sh
case "$1 $2" in "list -m") echo "{root}/module"; exit ;; esac
case "$1" in
env) if [ "$2" = GOVERSION ]; then echo go1.26.8; else echo "{root}/caches"; fi ;;
list) echo one ;;
build)
  echo $$ >> {root}/builds
  while [ "$1" != -o ]; do shift; done
  echo half > "$2"
  echo example.com/package
  read answer < {root}/gate
  echo whole > "$2"; chmod +x "$2" ;;
esac
"""

FINDER = """
import sys
from pathlib import Path
from govstack.engine.toolchain.find import Search
from govstack.engine.toolchain.model import CLI

class Printer:
    def notify(self, event):
        print(type(event).__name__, getattr(event, "detail", ""), flush=True)

root = Path(sys.argv[1])
search = Search(root / "cache", {"PATH": f"{root}:/usr/bin:/bin"}, "http://127.0.0.1:9")
print("found", search.find(CLI, Printer()).origin, flush=True)
"""

Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a process that looks for the CLI, on a machine whose Go waits at a gate."""
    os.mkfifo(tmp_path / "gate")
    changes = json.loads((resource("toolchain") / "pulumi" / "changes.json").read_text())
    # One module stands for all of them, and twins among them have the same file.
    for name, text in dict.fromkeys((change["file"], change["old"]) for change in changes):
        path = tmp_path / "module" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    go = tmp_path / "go"
    go.write_text(FAKE_GO.format(root=tmp_path), encoding="utf-8")
    go.chmod(0o755)
    started: list[subprocess.Popen[str]] = []

    def begin() -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", FINDER, str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "no_proxy": "127.0.0.1"},
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()
    for pid in builds(tmp_path):
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def builds(root: Path) -> list[int]:
    log = root / "builds"
    return [int(line) for line in log.read_text().split()] if log.exists() else []


def read_until(process: "subprocess.Popen[str]", text: str) -> str:
    assert process.stdout
    for line in process.stdout:
        if text in line:
            return line
    assert process.stderr
    raise AssertionError(f"never said {text!r}: {process.stderr.read()}")


def open_gate(root: Path) -> None:
    (root / "gate").write_text("go on\n")


def kept(root: Path) -> list[str]:
    folder = root / "cache" / "toolchain" / "pulumi"
    return sorted(path.suffix or path.name for path in folder.iterdir())


def test_of_two_processes_one_builds_and_the_other_takes_the_result(
    tmp_path: Path, start: Start
) -> None:
    first = start()
    read_until(first, "compiling example.com/package")
    second = start()
    read_until(second, "StepAdvanced waiting for another process")

    open_gate(tmp_path)

    assert read_until(first, "found ") == f"found {Origin.BUILT}\n"
    assert read_until(second, "found ") == f"found {Origin.CACHED}\n"
    assert (first.wait(), second.wait(), len(builds(tmp_path))) == (0, 0, 1)
    slot = slot_of(tmp_path / "cache", CLI, "3.259.0")
    assert slot.binary.read_text() == "whole\n"
    assert kept(tmp_path) == [".lock", slot.folder.name]


def test_an_interruption_ends_the_build_and_leaves_nothing(tmp_path: Path, start: Start) -> None:
    process = start()
    read_until(process, "compiling example.com/package")

    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)

    assert errors.splitlines()[-1] == "KeyboardInterrupt"
    assert kept(tmp_path) == [".lock"]
    (build,) = builds(tmp_path)
    with pytest.raises(ProcessLookupError):
        os.kill(build, 0)


def test_after_a_crash_the_next_one_starts_from_scratch(tmp_path: Path, start: Start) -> None:
    crashed = start()
    read_until(crashed, "compiling example.com/package")
    crashed.kill()
    crashed.wait()
    assert kept(tmp_path) == [".lock", ".partial"]
    os.killpg(builds(tmp_path)[0], signal.SIGKILL)

    following = start()
    read_until(following, "compiling example.com/package")
    open_gate(tmp_path)

    assert read_until(following, "found ") == f"found {Origin.BUILT}\n"
    assert kept(tmp_path) == [".lock", slot_of(tmp_path / "cache", CLI, "3.259.0").folder.name]


def test_a_slot_that_lost_its_note_or_its_program_is_filled_again(tmp_path: Path) -> None:
    slot = slot_of(tmp_path, CLI, "3.259.0")
    for spoil in (
        slot.binary.unlink,
        lambda: slot.binary.chmod(0o600),
        lambda: (slot.folder / "origin.json").write_text("{"),
    ):
        with filling(slot.folder, lambda: None) as aside:
            made = aside / "made"
            made.mkdir()
            (made / "pulumi").touch(0o755)
            slot.fill(made, Origin.BUILT, "built")
        assert slot.read()
        spoil()
        assert slot.read() is None


def test_another_source_version_or_machine_has_another_slot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = {slot_of(tmp_path, CLI, version).folder for version in ("3.259.0", "3.260.0")}
    monkeypatch.setattr(module.platform, "machine", lambda: "aarch64")
    folders.add(slot_of(tmp_path, CLI, "3.259.0").folder)
    (tmp_path / "pulumi").mkdir()
    (tmp_path / "pulumi" / "go.mod").write_text("module changed\n", encoding="utf-8")
    monkeypatch.setattr(module, "resource", lambda _name: tmp_path)
    folders.add(slot_of(tmp_path, CLI, "3.259.0").folder)

    assert len(folders) == 4
