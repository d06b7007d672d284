import json
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govstack.values.change import Action, Change, Kind, Risk, count
from govstack.values.digest import digest, keyed_digest, plain
from govstack.values.secret import Secret

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Thing:
    where: Path
    colours: tuple[Colour, ...]
    password: Secret


THING = Thing(Path("/a"), (Colour.RED,), Secret("hunter2"))


def change(action: Action) -> Change:
    return Change(
        kind=Kind.RESOURCE,
        action=action,
        layer="infrastructure",
        system="inf-bas",
        type="openstack:networking/port:Port",
        name="p",
    )


def test_a_secret_never_shows_itself() -> None:
    secret = Secret("hunter2")
    assert f"{secret} {secret!r} {[secret]} {secret:>5}" == "*** Secret(***) [Secret(***)]   ***"
    assert secret.reveal() == "hunter2"
    assert secret == Secret("hunter2")


def test_the_plain_form_masks_secrets() -> None:
    assert plain(THING) == {"where": "/a", "colours": ["red"], "password": "***"}
    assert plain({"n": IPv4Network("10.0.0.0/8"), "a": IPv4Address("10.0.0.1")}) == {
        "n": "10.0.0.0/8",
        "a": "10.0.0.1",
    }
    assert plain({3, 1, 2}) == [1, 2, 3]


def test_what_has_no_plain_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no plain form"):
        plain(object())


def test_a_keyed_digest_depends_on_the_secret_and_on_the_key() -> None:
    key, other = Secret("k"), Secret("l")
    changed = Thing(THING.where, THING.colours, Secret("hunter3"))
    assert keyed_digest(THING, key) == keyed_digest(THING, key)
    assert keyed_digest(THING, key) != keyed_digest(changed, key)
    assert keyed_digest(THING, key) != keyed_digest(THING, other)
    assert digest(THING) == digest(changed)


@given(JSON)
def test_plain_values_stay_as_they_are(value: object) -> None:
    assert plain(value) == value


@given(st.dictionaries(st.text(), JSON))
def test_the_order_of_keys_makes_no_difference(value: dict[str, object]) -> None:
    turned = dict(reversed(value.items()))
    assert digest(turned) == digest(value)
    assert len(digest(value)) == 64


@given(JSON, JSON)
def test_different_values_have_different_digests(one: object, other: object) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (digest(one) == digest(other)) == same


def test_only_what_differs_is_counted() -> None:
    changes = [change(a) for a in (Action.SAME, Action.CREATE, Action.READ, Action.CREATE)]
    assert count([*changes, change(Action.DELETE)]) == {"create": 2, "delete": 1}
    assert [item.is_effective for item in changes] == [False, True, False, True]
    assert change(Action.CREATE).risk is Risk.NONE
