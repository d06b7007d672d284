"""The logs of an embedded cloud."""

from pathlib import Path

import pytest

from govstack.errors import UnknownSelection
from govstack.sandbox import logs

NOVA = (
    "2026-11-25 09:00:01.000 11 INFO nova starts\n"
    "2026-11-25 09:00:03.000 11 ERROR nova fails\n"
    "Traceback (most recent call last):\n"
)
KEYSTONE = "2026-11-25 09:00:02.000 12 INFO keystone starts\n"
SUPERVISOR = "2026-11-25 09:00:00,500 INFO made a new cloud\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "log"
    folder.mkdir()
    (folder / "nova.log").write_text(NOVA)
    (folder / "nova.out").write_text("printed by nova\n")
    (folder / "keystone.log").write_text(KEYSTONE)
    (folder / "supervisor.out").write_text(SUPERVISOR)
    return tmp_path


def test_lines_of_all_services_come_in_order_and_are_marked(root: Path) -> None:
    assert list(logs(root, None, 10, follow=False)) == [
        "supervisor 2026-11-25 09:00:00,500 INFO made a new cloud",
        "nova       2026-11-25 09:00:01.000 11 INFO nova starts",
        "keystone   2026-11-25 09:00:02.000 12 INFO keystone starts",
        "nova       2026-11-25 09:00:03.000 11 ERROR nova fails",
        "nova       Traceback (most recent call last):",
    ]


def test_only_the_last_lines_of_each_file_are_shown(root: Path) -> None:
    assert list(logs(root, None, 1, follow=False)) == [
        "supervisor 2026-11-25 09:00:00,500 INFO made a new cloud",
        "keystone   2026-11-25 09:00:02.000 12 INFO keystone starts",
        "nova       Traceback (most recent call last):",
    ]
    assert list(logs(root, None, 0, follow=False)) == []


def test_one_service_shows_its_log_and_what_it_printed(root: Path) -> None:
    assert list(logs(root, "nova", 10, follow=False)) == [
        "printed by nova",
        *NOVA.splitlines(),
    ]
    assert list(logs(root, "supervisor", 10, follow=False)) == SUPERVISOR.splitlines()


def test_an_unknown_service_is_answered_with_the_known_ones(root: Path) -> None:
    with pytest.raises(UnknownSelection, match="there is no log of 'heat'") as caught:
        list(logs(root, "heat", 10, follow=False))
    assert caught.value.hint == "there are logs of: keystone, nova, supervisor"


def test_following_shows_new_lines_also_of_a_replaced_file(root: Path) -> None:
    path = root / "log" / "keystone.log"
    shown = logs(root, "keystone", 10, follow=True)
    assert next(shown) == KEYSTONE.rstrip()
    with path.open("a") as file:
        file.write("second\n")
    assert next(shown) == "second"
    path.rename(path.with_suffix(".log.1"))
    path.write_text("third\n")
    assert next(shown) == "third"
    shown.close()
