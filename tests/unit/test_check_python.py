import runpy
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent.parent
CHECK = str(CHECKOUT / "requirements" / "check_python.py")


def test_this_python_will_do() -> None:
    runpy.run_path(CHECK)


def test_an_old_python_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; .* is 3\.9\.") as caught:
        runpy.run_path(CHECK)
    assert "make PYTHON=python3.11" in str(caught.value)


def test_a_python_without_environments_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match="apt install python3-venv"):
        runpy.run_path(CHECK)


def test_make_stops_at_a_python_that_will_not_do(tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text("#!/bin/sh\necho 'too old' >&2; exit 1\n")
    old.chmod(0o755)
    run = subprocess.run(
        ["make", "-C", str(CHECKOUT), "install", f"PYTHON={old}", f"VENV={tmp_path}/venv"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert "too old" in run.stderr
    assert not (tmp_path / "venv").exists()


def test_down_without_an_installation_has_nothing_to_do(tmp_path: Path) -> None:
    run = subprocess.run(
        ["make", "--no-print-directory", "-C", str(CHECKOUT), "down", f"VENV={tmp_path}/venv"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "nothing to remove: govstack is not installed here\n"
