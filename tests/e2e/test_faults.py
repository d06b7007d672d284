"""A cloud in trouble: what passes slows a run down, what does not ends with what to ask for."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.campaign]

SYSTEM = "app-oa"


@contextmanager
def faults(city: Any, *texts: str) -> Iterator[None]:
    """Have calls meet these faults."""
    answer = city.run("sandbox", "faults", "set", *texts, "--seed", "7")
    assert answer.exit_code == 0, answer.stdout
    try:
        yield
    finally:
        assert city.run("sandbox", "faults", "clear").exit_code == 0


@pytest.fixture
def limits(city: Any) -> Iterator[Any]:
    """Set the environment's limits, until the test has ended."""
    path = city.site / "environments" / "sandbox.yaml"
    text = path.read_text()

    def set_to(more: str = "", **values: int) -> None:
        said = ", ".join(f"{key}: {value}" for key, value in values.items())
        path.write_text(f"{text}{more}limits: {{{said}}}\n")

    yield set_to
    path.write_text(text)


@pytest.fixture
def balanced(city: Any) -> Iterator[None]:
    """Have the system's service balanced, until the test has ended; the site stays a valid one."""
    path = city.site / "systems" / f"{SYSTEM}.yaml"
    text, plain = path.read_text(), "https: {role: app, port: tcp/443"
    path.write_text(text.replace(plain, f"{plain}, balanced: true"))
    yield
    path.write_text(text)


@pytest.fixture(scope="module", autouse=True)
def _risen(city: Any) -> None:
    """The city is up before anything is broken."""
    assert city.run("up", "--yes").exit_code == 0


def struck(city: Any) -> dict[str, int]:
    report = city.run("sandbox", "faults", "list").data
    return {each["fault"]: each["struck"] for each in report["faults"]}


def failure_of(answer: Any) -> dict[str, str]:
    assert answer.exit_code == 5, answer.stdout
    (failed,) = [each for each in answer.envelope["data"]["systems"] if each["error"]]
    return dict(failed)


def test_a_third_of_all_calls_failing_only_slows_a_removal_down(city: Any) -> None:
    with faults(city, "mixed,share=0.33"):
        answer = city.run("down", "--yes")
        assert answer.exit_code == 0, answer.failure
        assert min(struck(city).values()) > 0
    assert {each["outcome"] for each in answer.data["systems"]} == {"done"}
    assert city.run("sweep", "--check").data["things"] == []
    assert city.run("down", "--yes").data["systems"] == []


def test_a_third_of_all_calls_failing_only_slows_things_down(city: Any) -> None:
    assert city.run("down", "--yes").exit_code == 0
    with faults(city, "mixed,share=0.33"):
        answer = city.run("up", "--yes")
        assert answer.exit_code == 0, answer.failure
        assert min(struck(city).values()) > 0
    assert {each["outcome"] for each in answer.data["systems"]} == {"done"}
    assert city.run("sweep", "--check").data["things"] == []
    again = city.run("up", "--yes", "--all").data
    assert {each["outcome"] for each in again["systems"]} == {"unchanged"}


def test_a_server_in_error_says_why_and_is_made_anew_by_the_next_run(city: Any) -> None:
    assert city.run("down", "--yes", SYSTEM).exit_code == 0
    with faults(city, "server-error,name=-oa-,first=1"):
        failed = failure_of(city.run("up", "--yes", SYSTEM))
        assert failed["id"] == SYSTEM
        assert "nova's fault: No valid host was found." in failed["error"]
        assert failed["hint"].endswith("what is in error is made anew")
        # The one in error is still in error, and another takes its place.
        assert city.run("up", "--yes").exit_code == 0
    assert city.run("sweep", "--check").data["things"] == []


def test_a_run_survives_that_its_tokens_expire(city: Any) -> None:
    assert city.run("down", "--yes", SYSTEM).exit_code == 0
    with faults(city, "token,seconds=3", "slow,seconds=0.3"):
        answer = city.run("up", "--yes")
        assert answer.exit_code == 0, answer.failure
        assert struck(city)["token,seconds=3"] > 0


def test_what_cannot_succeed_ends_in_time_and_names_the_request(city: Any, limits: Any) -> None:
    assert city.run("down", "--yes", SYSTEM).exit_code == 0
    limits(patience_seconds=5)
    with faults(city, "503,service=neutron,method=POST"):
        failed = failure_of(city.run("up", "--yes", SYSTEM))
    assert failed["seconds"] < 40
    pattern = (
        r"\(503 to POST \S+/neutron/v2\.0/\S+; request req-[0-9a-f-]{36}, "
        r"tried \d+ times in \d+s, until patience ended\)"
    )
    assert re.search(pattern, failed["error"]), failed["error"]
    assert "ask the cloud's operator about the request" in failed["hint"]


def test_the_city_is_well_again(city: Any) -> None:
    assert city.run("up", "--yes").exit_code == 0


@pytest.mark.usefixtures("balanced")
def test_a_balancer_that_is_stuck_ends_in_time(city: Any, limits: Any) -> None:
    octavia = "capabilities: {load_balancer: octavia}\n"
    limits(octavia, settle_seconds=60)
    assert city.run("allocate").exit_code == 0
    with faults(city, "balancer-stuck"):
        failed = failure_of(city.run("up", "--yes"))
    assert "timeout while waiting for state to become 'ACTIVE'" in failed["error"]
    assert "PENDING_UPDATE" in failed["error"]
    assert "limits.settle_seconds" in failed["hint"]
    assert city.run("up", "--yes").exit_code == 0
    assert city.run("sweep", "--check").data["things"] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("505", "there is no kind of fault '505'"),
        ("500,sahre=1", "'sahre=1' in '500,sahre=1' says nothing about a fault"),
        ("500,share=33", "share=33 cannot be"),
        ("500,service=heat", "service=heat cannot be"),
        ("slow", "'slow' needs to know for how long"),
    ],
)
def test_what_is_no_fault_is_refused(city: Any, text: str, message: str) -> None:
    answer = city.run("sandbox", "faults", "set", text)
    assert (answer.exit_code, answer.error["code"]) == (2, "fault")
    assert answer.error["message"] == message
    assert "a whole fault: 500,service=neutron,method=POST,share=0.2" in answer.error["hint"]
