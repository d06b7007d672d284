"""What tests of every kind share: the city of Yunzhou, in a folder that a test may spoil."""

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
# Who runs the tests in the background has interrupts ignored, and so would all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

Edit = Callable[[str, str, str], None]


@pytest.fixture
def yunzhou(tmp_path: Path) -> Path:
    """A copy of a city as small as a city can be: three layers, five systems, six nodes."""
    root = tmp_path / "yunzhou"
    shutil.copytree(CHECKOUT / "tests" / "data" / "sites" / "yunzhou", root)
    return root


@pytest.fixture
def edit(yunzhou: Path) -> Edit:
    """Replace a text in one of the site's files; it must be there."""

    def replace(file: str, old: str, new: str) -> None:
        path = yunzhou / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace
