import threading

import pytest

from govstack.errors import CloudUnreachable
from govstack.operations.checking import Check
from govstack.operations.workers import workers_at_once, workers_here

ANSWER_SECONDS = 10


def test_a_check_runs_beside_and_is_waited_for() -> None:
    may_end = threading.Event()

    def wait() -> None:
        assert may_end.wait(ANSWER_SECONDS)

    check = Check(wait, pytest.fail)
    check.passed_so_far()
    may_end.set()
    check.passed()
    check.passed_so_far()


def test_a_check_that_fails_stops_what_is_under_way() -> None:
    stopped = threading.Event()

    def fail() -> None:
        message = "no answer"
        raise CloudUnreachable(message)

    check = Check(fail, stopped.set)
    assert stopped.wait(ANSWER_SECONDS)
    for ask in (check.passed, check.passed_so_far):
        with pytest.raises(CloudUnreachable, match="no answer"):
            ask()


@pytest.mark.parametrize(
    ("processors", "free_mib", "expected"),
    [(2, 24_000, 6), (2, 3_000, 5), (2, 1_000, 1), (1, 100, 1), (32, 64_000, 96), (32, 6_000, 10)],
)
def test_workers_go_by_processors_as_far_as_memory_goes(
    processors: int, free_mib: float, expected: int
) -> None:
    assert workers_at_once(processors, free_mib) == expected


def test_this_machine_carries_a_worker() -> None:
    assert workers_here() >= 1
