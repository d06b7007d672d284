import json
import shutil
from pathlib import Path

import pytest

from govstack.engine.toolchain.changes import changed_modules
from govstack.errors import ToolchainUnfit
from govstack.resources import resource


@pytest.fixture
def module(tmp_path: Path) -> Path:
    folder = tmp_path / "module"
    folder.mkdir()
    (folder / "wait.go").write_text("wait = 3\nwait = 10\n")
    return folder


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    change = {"reason": "r", "module": "m", "file": "wait.go", "old": "wait = 3\n", "new": ""}
    (folder / "changes.json").write_text(json.dumps([change]))
    return folder


def test_a_changed_copy_is_built_in_place_of_the_module(module: Path, sources: Path) -> None:
    (module / "wait.go").chmod(0o444)
    copies = changed_modules(sources, lambda name: {"m": module}[name])
    assert copies == {"m": sources / "changed" / "0"}
    assert (copies["m"] / "wait.go").read_text() == "wait = 10\n"
    assert (module / "wait.go").read_text() == "wait = 3\nwait = 10\n"


def test_a_module_that_is_older_than_modules_gets_what_go_makes_up_for_it(
    module: Path, sources: Path
) -> None:
    copies = changed_modules(sources, lambda _: module)
    assert (copies["m"] / "go.mod").read_text() == "module m\n"
    shutil.rmtree(sources / "changed")
    (module / "go.mod").write_text("module m\n\ngo 1.26\n")
    copies = changed_modules(sources, lambda _: module)
    assert (copies["m"] / "go.mod").read_text() == "module m\n\ngo 1.26\n"


def test_a_module_that_has_changed_stops_the_build(module: Path, sources: Path) -> None:
    (module / "wait.go").write_text("wait = 4\n")
    with pytest.raises(ToolchainUnfit, match=r"m has changed: wait\.go is not as changes\.json"):
        changed_modules(sources, lambda _: module)


def test_sources_without_changes_are_built_as_they_are(module: Path, tmp_path: Path) -> None:
    assert changed_modules(tmp_path, lambda _: module) == {}


@pytest.mark.parametrize("program", ["provider", "pulumi"])
def test_every_change_that_ships_has_a_reason(program: str) -> None:
    for item in json.loads((resource("toolchain") / program / "changes.json").read_text()):
        assert len(item["reason"]) > 40
