"""Building the environment of the embedded cloud, with programs that only pretend."""

import shutil
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from govstack import sandbox
from govstack.errors import CapacityExceeded, SandboxFailed, ToolchainUnfit
from govstack.sandbox import environment, programs
from govstack.values.observer import Event, Note, StepAdvanced, StepFinished, StepStarted

PYTHON = textwrap.dedent("""\
    #!/bin/sh
    # Pretends to be Python: makes environments, installs packages, builds templates.
    here=$(dirname "$0")
    case "$*" in
    "-m venv "*) mkdir -p "$3/bin" "$3/lib/python3.11/site-packages"
        cp "$0" "$3/bin/python" ;;
    "-m pip install "*) echo "pip in $VIRTUAL_ENV, index $PIP_INDEX_URL"
        echo "Collecting alembic==1.20.1 (from -r requirements.lock (line 1))"
        echo "Collecting nova==34.0.0 (from -r requirements.lock (line 2))"
        if [ -e BREAK ]; then
            echo "ERROR: No matching distribution found for nova==34.0.0"
            exit 1
        fi
        touch "$here/openstack" ;;
    "-m compileall "*) ;;
    *build-template*) mkdir "$5"; echo "proxy $http_proxy" > "$5/proxy" ;;
    *) exit 9 ;;
    esac
""")
LOCK = "alembic==1.20.1 --hash=sha256:00\nnova==34.0.0 --hash=sha256:00\n"


@dataclass
class Recorder:
    events: list[Event] = field(default_factory=list)

    def notify(self, event: Event) -> None:
        self.events.append(event)


@dataclass
class Place:
    """A cache, the sources that are installed into it, and whoever is told."""

    cache: Path
    sources: Path
    breaker: Path
    observer: Recorder = field(default_factory=Recorder)

    def ensure(self) -> environment.Environment:
        return environment.ensure_environment(self.cache, self.observer)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    sources = tmp_path / "sources"
    (sources / "govstack_sandbox").mkdir(parents=True)
    (sources / "govstack_sandbox" / "services.py").write_text("SERVICES = ()\n")
    (sources / "requirements.lock").write_text(LOCK)
    (sources / "entry_points.txt").write_text("[drivers]\nours = a:b\n")
    python = tmp_path / "python"
    breaker = tmp_path / "break"
    python.write_text(PYTHON.replace("BREAK", str(breaker)))
    python.chmod(0o755)
    monkeypatch.setattr(environment, "resource", lambda _name: sources)
    monkeypatch.setattr(environment, "TEMPLATE_PARTS", ("services.py",))
    monkeypatch.setattr(sys, "executable", str(python))
    cache = tmp_path / "cache"
    cache.mkdir()
    return Place(cache, sources, breaker)


def test_everything_is_built_and_told_of(place: Place) -> None:
    assert not sandbox.installed(place.cache)

    built = place.ensure()

    assert sandbox.installed(place.cache)
    assert sandbox.openstack_client(place.cache).exists()
    assert built.template.is_dir()
    metadata = built.folder / "env/lib/python3.11/site-packages/govstack_sandbox-1.dist-info"
    assert (metadata / "entry_points.txt").read_text() == "[drivers]\nours = a:b\n"
    assert [_shape(event) for event in place.observer.events] == [
        ("StepStarted", "sandbox-install", "Install OpenStack"),
        ("StepAdvanced", "alembic", 1, 2),
        ("StepAdvanced", "nova", 2, 2),
        ("StepFinished", "sandbox-install", "done"),
        ("StepStarted", "sandbox-template", "Prepare the databases"),
        ("StepFinished", "sandbox-template", "done"),
    ]


def test_what_is_built_is_used_again_in_silence(place: Place) -> None:
    first = place.ensure()
    place.observer.events.clear()

    assert place.ensure() == first
    assert place.observer.events == []


def test_another_lock_file_is_another_environment(place: Place) -> None:
    first = place.ensure()
    (place.sources / "requirements.lock").write_text(LOCK + "# newer\n")

    assert not sandbox.installed(place.cache)
    assert place.ensure().folder != first.folder


def test_changed_migrations_rebuild_the_template_only(place: Place) -> None:
    old = place.ensure().template
    place.observer.events.clear()
    (place.sources / "govstack_sandbox" / "services.py").write_text("SERVICES = (1,)\n")

    new = place.ensure().template

    assert new != old
    assert new.exists()
    assert not old.exists()
    assert _shape(place.observer.events[0])[1] == "sandbox-template"


def test_an_interrupted_installation_is_done_again(place: Place) -> None:
    half = environment.environment_of(place.cache).folder / "env" / "bin"
    half.mkdir(parents=True)
    (half / "python").symlink_to("/bin/false")
    assert not sandbox.installed(place.cache)

    place.ensure()

    assert sandbox.installed(place.cache)
    assert not (half / "python").is_symlink()


def test_an_environment_whose_python_is_gone_is_built_again(place: Place) -> None:
    built = place.ensure()
    built.python.unlink()
    built.python.symlink_to("/nowhere/python")

    assert not sandbox.installed(place.cache)
    place.ensure()
    assert sandbox.installed(place.cache)


def test_a_failed_installation_shows_why_and_leaves_no_mark(place: Place) -> None:
    place.breaker.touch()

    with pytest.raises(SandboxFailed) as caught:
        place.ensure()

    assert str(caught.value) == (
        "Install OpenStack: python ended with code 1:\n"
        "ERROR: No matching distribution found for nova==34.0.0"
    )
    log = environment.environment_of(place.cache).folder / "install.log"
    assert str(log) in caught.value.hint
    assert "pip config set global.index-url" in caught.value.hint
    assert not sandbox.installed(place.cache)
    assert _shape(place.observer.events[-1]) == ("StepFinished", "sandbox-install", "failed")
    place.breaker.unlink()
    assert place.ensure().complete


def test_pip_keeps_the_users_settings_and_our_programs_do_not(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example.cn/simple")
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere/else")
    monkeypatch.setenv("http_proxy", "http://proxy.example.cn")

    built = place.ensure()

    log = (built.folder / "install.log").read_text()
    assert "pip in , index https://mirror.example.cn/simple\n" in log
    assert (built.template / "proxy").read_text() == "proxy \n"


def test_a_full_disk_is_noticed_before_anything_is_written(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = SimpleNamespace(free=700_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)

    with pytest.raises(CapacityExceeded) as caught:
        place.ensure()

    assert str(caught.value) == (
        f"the embedded cloud needs 1.2 GB in {place.cache}, where 0.7 GB are free"
    )
    assert place.observer.events == []
    assert not environment.environment_of(place.cache).python.exists()


def test_an_old_python_is_refused() -> None:
    with pytest.raises(ToolchainUnfit, match=r"needs Python 3\.11 or newer, and .* runs on 3\.9"):
        environment.check_python((3, 9))
    environment.check_python((3, 14))


def test_two_at_once_install_once(place: Place) -> None:
    threads = [threading.Thread(target=place.ensure) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    started = [event for event in place.observer.events if isinstance(event, StepStarted)]
    assert [event.step for event in started] == ["sandbox-install", "sandbox-template"]


def test_who_waits_for_another_installation_is_told(place: Place) -> None:
    folder = environment.environment_of(place.cache).folder
    folder.parent.mkdir(parents=True)
    turns = environment.one_at_a_time
    with turns(folder.with_suffix(".lock"), place.observer):
        waiting = threading.Thread(target=place.ensure)
        waiting.start()
        _until(lambda: bool(place.observer.events))
    waiting.join()

    assert place.observer.events[0] == Note(
        "Waiting for another govstack, which installs OpenStack"
    )
    assert sandbox.installed(place.cache)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("one\ntwo\n", "one\ntwo"),
        (
            "one\nERROR: not pinned:\n  nova from https://b\n",
            "ERROR: not pinned:\nnova from https://b",
        ),
        (
            "\n".join(f"error {number}" for number in range(9)),
            "error 4\nerror 5\nerror 6\nerror 7\nerror 8",
        ),
        ("", ""),
    ],
)
def test_the_telling_lines_of_an_output_are_found(text: str, told: str) -> None:
    assert programs.telling_lines(text) == told


def _shape(event: Event) -> tuple[object, ...]:
    match event:
        case StepStarted(step, title):
            return ("StepStarted", step, title)
        case StepAdvanced(_, detail, done, total):
            return ("StepAdvanced", detail, done, total)
        case StepFinished(step, outcome):
            return ("StepFinished", step, str(outcome))
    return (event,)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
