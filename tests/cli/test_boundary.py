"""Whatever goes wrong becomes a message, a hint and an exit code; in JSON an envelope."""

import errno
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from govstack import errors
from govstack.errors import GovstackError, Problem, SiteInvalid

PROGRAMS = Path(__file__).parent / "programs"


def leaves(kind: type[GovstackError]) -> Iterator[type[GovstackError]]:
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from leaves(child)


PLAIN = [kind for kind in leaves(GovstackError) if "__init__" not in vars(kind)]


@pytest.mark.parametrize("kind", PLAIN, ids=lambda kind: kind.code)
def test_an_error_is_told_with_its_exit_code(
    kind: type[GovstackError], fake: Any, run: Any
) -> None:
    fake("status.status", kind("it is broken", hint="mend it\nthen try again"))
    ran = run("status")
    assert ran.exit_code == kind.exit_code
    assert ran.out == ""
    assert ran.err == "error: it is broken\n hint: mend it\n       then try again\n"


def test_a_full_disk_is_no_mistake_of_ours(fake: Any, run: Any) -> None:
    fake("status.status", OSError(errno.ENOSPC, "No space left on device", "/state/records"))
    ran = run("status")
    assert (ran.exit_code, ran.out) == (4, "")
    assert ran.err == (
        "error: no space is left on the disk for /state/records\n"
        " hint: free some space, then run the same command again; nothing that was written is "
        "lost\n"
    )


@pytest.mark.parametrize("kind", PLAIN, ids=lambda kind: kind.code)
def test_an_error_is_an_envelope_in_json(kind: type[GovstackError], fake: Any, run: Any) -> None:
    fake("status.status", kind("it is broken", hint="mend it"))
    ran = run("status", "--output", "json")
    assert ran.err == ""
    assert json.loads(ran.out) == {
        "format": "govstack/1",
        "verb": "status",
        "ok": False,
        "exit_code": kind.exit_code,
        "data": None,
        "error": {"code": kind.code, "message": "it is broken", "hint": "mend it", "problems": []},
        "notes": [],
    }


def invalid(site: Path) -> SiteInvalid:
    return SiteInvalid(
        (
            Problem("/elsewhere/x.yaml", 0, "", "cannot be read"),
            Problem(str(site / "site.yaml"), 12, "zones.数据", "overlaps", "give it its own"),
        )
    )


def test_all_problems_of_a_site_are_told_at_once(site: Path, fake: Any, run: Any) -> None:
    fake("validate.validate", invalid(site))
    ran = run("validate")
    assert (ran.exit_code, ran.out) == (3, "")
    assert ran.err == (
        "/elsewhere/x.yaml: cannot be read\n"
        "inventories/yunzhou/site.yaml:12: zones.数据: overlaps\n"
        "    hint: give it its own\n"
        "error: the site has 2 problems\n"
    )


def test_problems_are_listed_in_json(site: Path, fake: Any, run: Any) -> None:
    fake("validate.validate", invalid(site))
    document = json.loads(run("-o", "json", "validate").out)
    assert document["exit_code"] == 3
    assert document["error"]["problems"] == [
        {
            "file": "/elsewhere/x.yaml",
            "line": 0,
            "path": "",
            "text": "cannot be read",
            "hint": "",
        },
        {
            "file": "inventories/yunzhou/site.yaml",
            "line": 12,
            "path": "zones.数据",
            "text": "overlaps",
            "hint": "give it its own",
        },
    ]


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), click.Abort()])
def test_the_users_stop_is_130(stop: BaseException, fake: Any, run: Any) -> None:
    fake("status.status", stop)
    ran = run("status")
    assert (ran.exit_code, ran.out, ran.err) == (130, "", "error: stopped by the user\n")


@pytest.mark.parametrize(
    "error", [ValueError("no such number"), EOFError(), BrokenPipeError(), KeyError()]
)
def test_a_bug_leaves_its_traceback_in_a_file(error: Exception, fake: Any, run: Any) -> None:
    fake("status.status", error)
    ran = run("status")
    assert (ran.exit_code, ran.out) == (1, "")
    summary = "ValueError: no such number" if error.args else type(error).__name__
    first, second = ran.err.splitlines()
    assert first == f"error: govstack met something that it does not know: {summary}"
    match = re.fullmatch(r" hint: the traceback is in (\S+); please report it.*", second)
    assert match
    path = Path(match[1])
    assert path.parent == Path.home() / ".local" / "state" / "govstack" / "crashes"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text(encoding="utf-8").startswith("Traceback (most recent call last):\n")


def test_a_traceback_goes_elsewhere_if_the_state_cannot_be_written(
    fake: Any, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked, other = tmp_path / "blocked", tmp_path / "other"
    blocked.write_text("a file", encoding="utf-8")
    other.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(other))
    fake("status.status", ValueError("no"))
    ran = run("status", env={"GOVSTACK_STATE_HOME": str(blocked)})
    (path,) = other.iterdir()
    assert f"the traceback is in {path};" in ran.err


@pytest.mark.parametrize(
    ("args", "message", "hint"),
    [
        (
            ("stauts",),
            "No such command 'stauts'. (Did you mean one of: 'outputs', 'state', 'status'?)",
            "govstack",
        ),
        (
            ("up", "--yse"),
            "No such option '--yse'. (Did you mean one of: '--site', '--yes'?)",
            "govstack up",
        ),
        (("sandbox", "strat"), "No such command 'strat'.", "govstack sandbox"),
        (("status", "-q", "-v"), "--quiet and --verbose exclude each other", "govstack status"),
    ],
)
def test_wrong_usage_is_2(args: tuple[str, ...], message: str, hint: str, run: Any) -> None:
    ran = run(*args)
    assert (ran.exit_code, ran.out) == (2, "")
    first, second = ran.err.splitlines()
    assert first.startswith(f"error: {message}")
    assert second == f" hint: see {hint} --help"


@pytest.mark.parametrize(
    ("args", "verb"),
    [
        (("-o", "json", "nonsense"), ""),
        (("up", "--nonsense", "--output", "json"), "up"),
        (("--output=json", "sandbox", "nonsense"), "sandbox"),
        (("sandbox", "start", "-ojson", "--nonsense"), "sandbox start"),
    ],
)
def test_wrong_usage_is_an_envelope_in_json(args: tuple[str, ...], verb: str, run: Any) -> None:
    ran = run(*args)
    document = json.loads(ran.out)
    assert (ran.exit_code, ran.err) == (2, "")
    assert (document["verb"], document["error"]["code"]) == (verb, "usage")


def test_without_a_verb_the_help_is_shown(run: Any) -> None:
    ran = run()
    assert (ran.exit_code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: govstack [OPTIONS] VERB [ARGS]...\n")


def test_a_reader_that_leaves_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as output:
        ran = subprocess.run(
            [sys.executable, PROGRAMS / "flood.py"],
            stdout=output,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (ran.returncode, ran.stderr) == (141, b"")
