"""The provider's transport, by Go's own tests: they need nothing but Go's standard library."""

import shutil
import subprocess
from pathlib import Path

import pytest

from govstack.engine.toolchain.cache import sources
from govstack.engine.toolchain.model import PROVIDER

pytestmark = pytest.mark.e2e

TESTS = Path(__file__).parent.parent / "data" / "transport"
FILES = ("patience.go", "body.go", "services.go", "find.go")


def test_the_transport(tmp_path: Path) -> None:
    go = shutil.which("go")
    if go is None:
        pytest.skip("there is no Go")
    for name in FILES:
        shutil.copy(sources(PROVIDER) / name, tmp_path)
    shutil.copy(TESTS / "transport_test.go", tmp_path)
    done = subprocess.run(
        [go, "test", *FILES, "transport_test.go"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
