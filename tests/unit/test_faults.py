"""How faults of the embedded cloud are written, kept and told."""

import json
from pathlib import Path

import pytest

from govstack.errors import FaultRefused, SandboxFailed
from govstack.sandbox import faults
from govstack.sandbox.faults import Fault, parse, proxied, read_faults, set_faults
from govstack.sandbox.layout import Layout

URL = "http://127.0.0.1:20000/v3"


@pytest.fixture
def cloud(tmp_path: Path) -> Path:
    """A cloud that does not run."""
    document = {"format": 1, "ports": {"keystone": 20000}, "inner": {"faults": 20009}}
    Layout(tmp_path).cloud.write_text(json.dumps(document))
    return tmp_path


def test_a_fault_is_read_as_it_is_written() -> None:
    text = "503,share=0.25,service=nova,method=POST,path=/servers$,seconds=2,after=yes,first=3"
    (fault,) = parse(text)
    assert fault == Fault(
        kind="503",
        share=0.25,
        service="nova",
        method="POST",
        path="/servers$",
        seconds=2,
        after=True,
        first=3,
    )
    assert str(fault) == text


@pytest.mark.parametrize(
    "text", ["429", "drop,after=yes", "token,seconds=5", "server-error,name=x"]
)
def test_what_is_usual_is_not_written(text: str) -> None:
    assert [str(fault) for fault in parse(text)] == [text]


def test_a_mixture_has_something_of_all_that_calls_can_meet() -> None:
    mixed = parse("mixed,share=0.33,service=nova")
    assert sum(fault.share for fault in mixed) == pytest.approx(0.33)
    assert {fault.service for fault in mixed} == {"nova"}
    kinds = {fault.kind for fault in mixed}
    assert kinds == {"409", "429", "500", "502", "503", "slow", "drop"}


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("505", "there is no kind of fault '505'", "there are: 409, 429,"),
        ("", "there is no kind of fault ''", "there are: 409, 429,"),
        ("500,half", "'half' in '500,half' says nothing about a fault", "there are: share=,"),
        ("500,share=2", "share=2 cannot be", "share= is a number from 0 to 1"),
        ("500,share=x", "share=x cannot be", "share= is a number from 0 to 1"),
        ("500,service=heat", "service=heat cannot be", "service= is one of keystone,"),
        ("500,method=post", "method=post cannot be", "method= is one of GET,"),
        ("500,path=(", "path=( cannot be", "path= is a pattern"),
        ("500,after=true", "after=true cannot be", "after= is yes or no"),
        ("500,first=0", "first=0 cannot be", "first= is how many"),
        ("slow", "'slow' needs to know for how long", "for example: slow,seconds=2"),
    ],
)
def test_what_is_no_fault_says_what_to_write(text: str, message: str, hint: str) -> None:
    with pytest.raises(FaultRefused) as refused:
        parse(text)
    assert str(refused.value) == message
    assert refused.value.hint.startswith(hint)
    assert refused.value.hint.endswith(f"a whole fault: {faults.EXAMPLE}")


def test_the_example_is_a_fault() -> None:
    assert str(parse(faults.EXAMPLE)[0]) == "500,share=0.2,service=neutron,method=POST"


def test_faults_last_until_they_are_cleared(cloud: Path) -> None:
    assert read_faults(cloud).faults == ()
    set_faults(cloud, parse("429"), seed=7)
    assert (read_faults(cloud).faults, read_faults(cloud).seed) == (parse("429"), 7)
    assert Layout(cloud).faults.stat().st_mode & 0o777 == 0o600
    set_faults(cloud, (), seed=0)
    assert read_faults(cloud).faults == ()


def test_clearing_what_was_never_set_leaves_no_proxy(cloud: Path) -> None:
    set_faults(cloud, (), seed=0)
    assert not Layout(cloud).faults.exists()


def test_calls_go_by_the_proxy_while_there_are_faults(cloud: Path) -> None:
    assert proxied(cloud, URL) == URL
    set_faults(cloud, parse("429"), seed=1)
    assert proxied(cloud, URL) == "http://127.0.0.1:20009/keystone/v3"
    set_faults(cloud, (), seed=0)
    assert proxied(cloud, URL) == URL


def test_without_a_cloud_there_is_nothing_to_fail(tmp_path: Path) -> None:
    with pytest.raises(SandboxFailed, match="there is no embedded cloud"):
        set_faults(tmp_path, parse("429"), seed=1)


@pytest.mark.parametrize("text", ["{", '{"format": 1}', "[]"])
def test_a_broken_file_is_told(cloud: Path, text: str) -> None:
    Layout(cloud).faults.write_text(text)
    with pytest.raises(SandboxFailed, match="cannot be read"):
        read_faults(cloud)


def test_a_newer_file_is_refused(cloud: Path) -> None:
    Layout(cloud).faults.write_text('{"format": 2, "number": 1, "seed": 1}')
    with pytest.raises(SandboxFailed, match="has format 2"):
        read_faults(cloud)
