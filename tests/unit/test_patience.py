"""Calls by openstacksdk are repeated as long as that does no harm and patience lasts."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from govstack.clouds.patience import Patience, config_of, pause_after

URL = "http://cloud/v2.1/servers"
DROPPED = requests.exceptions.ConnectionError("Remote end closed connection without response")
REFUSED = requests.exceptions.ConnectionError("[Errno 111] Connection refused")


class Clock:
    """A clock that goes on only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def answered(status: int, **headers: str) -> requests.Response:
    answer = requests.Response()
    answer.status_code = status
    answer.raw = io.BytesIO()
    answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return answer


def request_of(method: str, url: str = URL) -> requests.PreparedRequest:
    return requests.Request(method, url).prepare()


def patience(clock: Clock, seconds: float = 60) -> Patience:
    return Patience(seconds, clock=lambda: clock.now, sleep=clock.sleep)


def in_turn(*answers: Any) -> Callable[[], requests.Response]:
    """Give these answers one after the other; the last one stays."""
    left: Iterator[Any] = iter((*answers, *[answers[-1]] * 1000))

    def once() -> requests.Response:
        answer: Any = next(left)
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return] # an exception or an answer

    return once


@pytest.mark.parametrize("failure", [answered(s) for s in (409, 429, 500, 502, 503, 504)])
def test_a_question_is_repeated(failure: requests.Response) -> None:
    clock = Clock()
    answer = patience(clock).send(request_of("GET"), in_turn(failure, failure, answered(200)))
    assert answer.status_code == 200
    assert len(clock.slept) == 2


def test_a_dropped_question_is_repeated() -> None:
    answer = patience(Clock()).send(request_of("GET"), in_turn(DROPPED, answered(200)))
    assert answer.status_code == 200


@pytest.mark.parametrize("failure", [answered(429), answered(503, Retry_After="1"), REFUSED])
def test_what_was_not_begun_is_repeated_whatever_it_is(failure: Any) -> None:
    answer = patience(Clock()).send(request_of("POST"), in_turn(failure, answered(202)))
    assert answer.status_code == 202


def test_what_may_have_been_done_is_not_done_twice() -> None:
    assert patience(Clock()).send(request_of("POST"), in_turn(answered(500))).status_code == 500
    with pytest.raises(requests.exceptions.ConnectionError):
        patience(Clock()).send(request_of("POST"), in_turn(DROPPED, answered(202)))


def test_a_token_is_asked_for_again() -> None:
    request = request_of("POST", "http://cloud/v3/auth/tokens")
    assert patience(Clock()).send(request, in_turn(DROPPED, answered(201))).status_code == 201


def test_the_cloud_is_left_alone_for_as_long_as_it_asks() -> None:
    clock = Clock()
    patience(clock).send(request_of("GET"), in_turn(answered(429, Retry_After="7"), answered(200)))
    assert clock.slept == [7.0]


def test_patience_ends_for_all_calls_of_a_session() -> None:
    clock = Clock()
    ends = patience(clock, 20)
    assert ends.send(request_of("GET"), in_turn(answered(503))).status_code == 503
    assert 10 < clock.now <= 20
    before = clock.now
    assert ends.send(request_of("GET"), in_turn(answered(503))).status_code == 503
    assert clock.now == before


def test_a_conflict_that_stays_is_told() -> None:
    clock = Clock()
    assert patience(clock).send(request_of("DELETE"), in_turn(answered(409))).status_code == 409
    assert len(clock.slept) == 4


def test_pauses_grow_to_a_limit() -> None:
    assert 0.15 <= pause_after(1) <= 0.3
    assert 4 <= pause_after(50) <= 8


def test_the_environment_says_how_patient_to_be(tmp_path: Path) -> None:
    clouds = tmp_path / "clouds.yaml"
    auth = {"auth_url": "http://127.0.0.1:1/v3", "username": "u", "password": "p"}
    entry = {"auth": {**auth, "project_name": "p"}, "govstack_patience": 3}
    clouds.write_text(json.dumps({"clouds": {"platform": entry}}))
    session = config_of(clouds).get_one("platform").get_session()
    adapter: Any = session.session.get_adapter(URL)
    assert type(adapter).__name__ == "Adapter"
    assert adapter.patience.seconds == 3
    assert (
        config_of(clouds, 1)
        .get_one("platform")
        .get_session()
        .session.get_adapter(URL)
        .patience.seconds
        == 1
    )
