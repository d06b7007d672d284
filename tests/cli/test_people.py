"""The verb `people`: what it shows and passes on."""

import json
from typing import Any

from govstack.operations.report_people import Kind, PeopleReport, PersonReport, ShownSecret

CITY = {"site": "yunzhou", "name": "云州市政务云", "environment": "production"}
LISTED = PeopleReport(
    people=(
        PersonReport(
            account="sunming",
            name="孙明",
            tenant="大数据局",
            duty="audit",
            hosts=21,
            kind=Kind.CODES,
            shown="2026-03-01",
        ),
        PersonReport(
            account="qianhao",
            name="钱浩",
            tenant="大数据局",
            duty="system",
            hosts=1,
            kind=Kind.CODES,
            expires="2026-01-31",
            is_in_force=False,
        ),
        PersonReport(
            account="wangfang",
            name="王芳",
            tenant="市政府办公室",
            duty="",
            hosts=0,
            kind=Kind.PASSWORD,
            expires="2026-12-31",
        ),
    ),
    **CITY,
)
CODES = ShownSecret(
    account="sunming",
    name="孙明",
    kind=Kind.CODES,
    secret="JBSWY3DP",
    address="otpauth://totp/yunzhou%3Asunming?secret=JBSWY3DP",
    is_new=True,
)
PASSWORD = ShownSecret(
    account="wangfang",
    name="王芳",
    kind=Kind.PASSWORD,
    secret="correct-horse",
    address="https://https.sup-iam.yunzhou.example",
)


def test_list_shows_people_by_duty(fake: Any, run: Any) -> None:
    fake("people.list_people", LISTED)
    ran = run("people", "list")
    assert (ran.exit_code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "云州市政务云 yunzhou · production",
        "",
        "System administrators 系统管理员",
        "  ✗ qianhao  钱浩  大数据局  not shown yet  1 host  ended 2026-01-31",
        "",
        "Audit administrators 审计管理员",
        "  ✓ sunming  孙明  大数据局  codes shown 2026-03-01  21 hosts",
        "",
        "People who sign in to applications",
        "  ✓ wangfang  王芳  市政府办公室  not shown yet  until 2026-12-31",
        "",
        "3 accounts, 1 past their day",
        "",
        "Where to look next",
        "  what a person logs in with, shown once  govstack people show wangfang",
    ]


def test_list_is_a_document(fake: Any, run: Any) -> None:
    fake("people.list_people", LISTED)
    document = json.loads(run("people", "list", "-o", "json").out)
    assert (document["verb"], document["ok"]) == ("people list", True)
    assert document["data"]["people"][1] == {
        "account": "qianhao",
        "name": "钱浩",
        "tenant": "大数据局",
        "duty": "system",
        "hosts": 1,
        "kind": "codes",
        "shown": "",
        "expires": "2026-01-31",
        "is_in_force": False,
    }


def test_show_tells_how_codes_are_made(fake: Any, run: Any) -> None:
    operation = fake("people.show_person", CODES)
    assert run("people", "show", "sunming", "--anew", "--no-wait").out.splitlines() == [
        "sunming 孙明",
        "  application for codes  otpauth://totp/yunzhou%3Asunming?secret=JBSWY3DP",
        "  or by hand             JBSWY3DP",
        "  It is not shown again.",
        "",
        "Where to look next",
        "  what makes hosts go by it  govstack configure",
    ]
    assert operation.calls[0][0][2:] == ("sunming",)
    assert operation.calls[0][1] == {"anew": True}


def test_show_tells_a_password_and_where_it_is_good(fake: Any, run: Any) -> None:
    operation = fake("people.show_person", PASSWORD)
    assert run("people", "show", "wangfang").out.splitlines() == [
        "wangfang 王芳",
        "  password  correct-horse",
        "  at        https://https.sup-iam.yunzhou.example",
        "  It is not shown again.",
    ]
    assert operation.calls[0][1] == {"anew": False}
