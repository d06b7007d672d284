"""People and what they log in with: the verb `people`, and what it is made of."""

from base64 import b32decode
from datetime import UTC, datetime
from pathlib import Path

import pytest

from govstack.errors import AlreadyShown, UnknownSelection
from govstack.inventory.variables.people import factor, seed
from govstack.operations import people as module
from govstack.operations.people import list_people, show_person
from govstack.operations.report_people import Kind, PersonReport
from govstack.operations.session import open_session
from govstack.operations.target import Target
from govstack.resources import resource
from govstack.state.crypt import sha512_crypt
from govstack.state.own import OwnSecrets
from govstack.values.observer import Silent

SILENT = Silent()


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    monkeypatch.setattr(module, "moment", lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))
    return Target(
        root=resource("inventories") / "yunzhou",
        environment="production",
        state_home=tmp_path / "state",
        cache_home=tmp_path / "cache",
    )


def person(target: Target, account: str) -> PersonReport:
    return next(each for each in list_people(target).data.people if each.account == account)


def test_what_a_person_logs_in_with_is_shown_once(target: Target) -> None:
    assert person(target, "qianhao") == PersonReport(
        account="qianhao",
        name="钱浩",
        tenant="大数据局",
        duty="system",
        hosts=2,
        kind=Kind.CODES,
        expires="2030-12-31",
    )
    first = show_person(target, SILENT, "qianhao").data
    assert (first.kind, first.is_new) == (Kind.CODES, False)
    assert first.address == (
        "otpauth://totp/%E4%BA%91%E5%B7%9E%E5%B8%82%E6%94%BF%E5%8A%A1%E4%BA%91%20production"
        f"%3Aqianhao?secret={first.secret}"
        "&issuer=%E4%BA%91%E5%B7%9E%E5%B8%82%E6%94%BF%E5%8A%A1%E4%BA%91%20production"
        "&algorithm=SHA1&digits=6&period=30"
    )
    given = seed(OwnSecrets(open_session(target).places).password(factor("qianhao")))
    assert b32decode(first.secret + "====") == bytes.fromhex(given.reveal())
    with pytest.raises(AlreadyShown, match="was shown on 2026-03-01"):
        show_person(target, SILENT, "qianhao")
    assert person(target, "qianhao").shown == "2026-03-01"
    another = show_person(target, SILENT, "qianhao", anew=True).data
    assert another.is_new
    assert another.secret != first.secret


def test_what_was_made_for_hosts_is_what_a_person_is_shown(target: Target) -> None:
    session = open_session(target)
    own = OwnSecrets(session.places)
    given = own.password(module.password("wangfang")).reveal()
    own.keep()
    shown = show_person(target, SILENT, "wangfang").data
    assert (shown.kind, shown.secret) == (Kind.PASSWORD, given)
    assert shown.address == "https://https.sup-iam.yunzhou.example"


def test_nobody_is_shown_what_is_nobodys(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownSelection, match="nobody has the account 'qianho'") as caught:
        show_person(target, SILENT, "qianho")
    assert caught.value.hint == "did you mean qianhao?"
    monkeypatch.setattr(module, "moment", lambda: datetime(2031, 1, 1, 12, tzinfo=UTC))
    with pytest.raises(UnknownSelection, match="was granted until 2030-12-31"):
        show_person(target, SILENT, "qianhao")
    assert not person(target, "qianhao").is_in_force


# As the C library of Debian 12 does it.
@pytest.mark.parametrize(
    ("text", "salt", "expected"),
    [
        (
            "Hello world!",
            "saltstring",
            (
                "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnI"
                "FNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
            ),
        ),
        (
            "公文流转" * 9,
            "abcdefghijklmnop",
            (
                "$6$abcdefghijklmnop$hu88EDWdpONSJlecItGSgPlzsFlEAdc5Wi6.b0gf"
                "hSnUNIXMpMTRKIikE2CsHMr4r6JKpx/LePGdbQD8w4dOO."
            ),
        ),
        (
            "",
            "q",
            (
                "$6$q$oX4rXAmsydLpbSPhtZVXICkV0zO2sRabtMm7ebHf5QZsf32qu5vdFo7"
                "8uUhfg7UA0M17KV4E/kK37g7pKZGHx."
            ),
        ),
    ],
)
def test_passwords_are_hashed_as_crypt_does(text: str, salt: str, expected: str) -> None:
    assert sha512_crypt(text, salt) == expected
    assert sha512_crypt(text, "-_" + "x" * 20).startswith("$6$./xxxxxxxxxxxxxx$")
