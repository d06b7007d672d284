"""The tests of what runs inside the embedded cloud's environment, run there."""

import subprocess
from pathlib import Path

import pytest

from govstack.resources import resource
from govstack.sandbox.environment import ensure_environment
from govstack.values.observer import Silent
from govstack_cli.settings import cache_home

pytestmark = pytest.mark.e2e


def test_the_package_passes_its_own_tests(tmp_path: Path) -> None:
    environment = ensure_environment(cache_home(), Silent())
    tests = resource("sandbox") / "tests"
    run = subprocess.run(
        [environment.python, "-W", "ignore", "-m", "unittest", "discover", "-s", str(tests)],
        env={**environment.variables(), "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "\nOK" in run.stderr
