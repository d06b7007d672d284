"""What is wanted of a cloud is kept in a file that only grows."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from govstack.errors import SandboxFailed, UnknownSelection
from govstack.sandbox.wanted import OPTIONAL, ask, check

TEMPLATE = Path("/cache/template-1")


def test_names_are_checked() -> None:
    assert check(["swift", "octavia", "swift"]) == {"swift", "octavia"}
    assert check(()) == frozenset()
    with pytest.raises(UnknownSelection, match="no optional service keystone, trove"):
        check(["trove", "keystone", "swift"])


def test_nothing_is_written_while_nobody_wants_anything(tmp_path: Path) -> None:
    assert ask(tmp_path, frozenset(), TEMPLATE) == 0
    assert not (tmp_path / "wanted.json").exists()


def test_requests_are_numbered_and_only_add(tmp_path: Path) -> None:
    assert ask(tmp_path, frozenset({"swift"}), TEMPLATE) == 1
    assert ask(tmp_path, frozenset({"octavia"}), TEMPLATE) == 2
    assert ask(tmp_path, frozenset(), Path("/cache/template-2")) == 3

    path = tmp_path / "wanted.json"
    assert json.loads(path.read_text()) == {
        "format": 1,
        "request": 3,
        "services": ["octavia", "swift"],
        "template": "/cache/template-2",
    }
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_request_is_lost(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = list(
            pool.map(
                lambda turn: ask(tmp_path, frozenset({OPTIONAL[turn % 4]}), TEMPLATE), range(40)
            )
        )

    assert sorted(numbers) == list(range(1, 41))
    assert json.loads((tmp_path / "wanted.json").read_text())["services"] == sorted(OPTIONAL)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        (
            json.dumps({"format": 2, "request": 1, "services": []}),
            "has format 2, and this govstack knows format 1",
        ),
    ],
)
def test_a_broken_or_newer_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "wanted.json").write_text(text)

    with pytest.raises(SandboxFailed, match=said) as caught:
        ask(tmp_path, frozenset({"swift"}), TEMPLATE)

    assert "govstack sandbox reset" in caught.value.hint
