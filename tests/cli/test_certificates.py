"""The verb `certificates`: what it shows and passes on."""

import json
from typing import Any

import pytest

from govstack.operations.report_trust import (
    CertificateReport,
    CertificatesReport,
    Kind,
    RenewalReport,
    ShownReport,
    Standing,
)
from govstack.values.result import Result

CITY = {"site": "yunzhou", "name": "云州市政务云", "environment": "production"}
DATABASE = "yz-dat-dsjj-rdb-db-001"
AUTHORITY = CertificateReport(
    kind=Kind.AUTHORITY,
    state=Standing.VALID,
    subject="CN=production root 34df6a2f,O=云州市政务云",
    not_after="2036-02-29T12:00:00+00:00",
    days_left=3652,
)
NODE = CertificateReport(
    kind=Kind.SERVICE,
    state=Standing.DUE,
    host=DATABASE,
    service="_node",
    system="dat-rdb",
    subject=f"CN={DATABASE},OU=dat-rdb,O=云州市政务云",
    issuer="CN=production root 34df6a2f,O=云州市政务云",
    names=(DATABASE,),
    addresses=("10.40.0.10",),
    serial="4684e45c",
    fingerprint="5d174a3f",
    begins="2026-03-01T11:55:00+00:00",
    not_after="2026-05-30T12:00:00+00:00",
    days_left=1,
    pem="-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n",
)
SERVICE = CertificateReport(
    kind=Kind.SERVICE, state=Standing.MISSING, host=DATABASE, service="postgresql", system="dat-rdb"
)
HOST = CertificateReport(
    kind=Kind.SSH_HOST,
    state=Standing.EXPIRED,
    host=DATABASE,
    not_after="2026-03-01T12:00:00+00:00",
    days_left=-3,
)
LISTED = CertificatesReport(
    authority_file="/state/trust/ca.pem",
    ssh_authority="ssh-ed25519 AAAA",
    certificates=(AUTHORITY, NODE, SERVICE, HOST),
    **CITY,
)


def test_list_shows_how_each_does(fake: Any, run: Any) -> None:
    operation = fake("certificates.list_certificates", LISTED)
    ran = run("certificates", "list")
    assert (ran.exit_code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "云州市政务云 yunzhou · production",
        "",
        "Authority",
        "  ✓ CN=production root 34df6a2f,O=云州市政务云  valid  2036-02-29  3,652 days",
        "",
        "Services",
        f"  ! {DATABASE}  (the node itself)  due      2026-05-30  1 day",
        f"  ✗ {DATABASE}  postgresql         missing",
        "",
        "Hosts, as SSH knows them",
        f"  ✗ {DATABASE}  expired  2026-03-01  -3 days",
        "",
        "4 certificates: 1 valid, 1 due, 1 expired, 1 missing",
        "  whoever is to trust them: /state/trust/ca.pem",
        "",
        "Where to look next",
        "  what needs it, made anew  govstack certificates renew",
    ]
    assert operation.calls[0][1] == {"hosts": (), "check": False}


def test_list_with_check_says_by_its_exit_code(fake: Any, run: Any) -> None:
    operation = fake("certificates.list_certificates", Result(data=LISTED, exit_code=8))
    ran = run("certificates", "list", "--check", DATABASE, "-o", "json")
    assert ran.exit_code == 8
    assert operation.calls[0][1] == {"hosts": (DATABASE,), "check": True}
    document = json.loads(ran.out)
    assert (document["ok"], document["exit_code"]) == (True, 8)
    assert document["data"] == {
        **CITY,
        "authority_file": "/state/trust/ca.pem",
        "ssh_authority": "ssh-ed25519 AAAA",
        "certificates": document["data"]["certificates"],
    }
    assert document["data"]["certificates"][1] == {
        "kind": "service",
        "state": "due",
        "host": DATABASE,
        "service": "_node",
        "system": "dat-rdb",
        "subject": f"CN={DATABASE},OU=dat-rdb,O=云州市政务云",
        "issuer": "CN=production root 34df6a2f,O=云州市政务云",
        "names": [DATABASE],
        "addresses": ["10.40.0.10"],
        "serial": "4684e45c",
        "fingerprint": "5d174a3f",
        "begins": "2026-03-01T11:55:00+00:00",
        "not_after": "2026-05-30T12:00:00+00:00",
        "days_left": 1,
        "pem": "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n",
    }


@pytest.mark.parametrize("detail", [(), ("-v",)])
def test_show_tells_what_each_says(detail: tuple[str, ...], fake: Any, run: Any) -> None:
    operation = fake("certificates.show_certificates", ShownReport(certificates=(NODE, SERVICE)))
    pem = NODE.pem.splitlines() if detail else []
    assert run("certificates", "show", DATABASE, *detail).out.splitlines() == [
        f"{DATABASE} (the node itself)  due",
        f"  subject    CN={DATABASE},OU=dat-rdb,O=云州市政务云",
        "  issuer     CN=production root 34df6a2f,O=云州市政务云",
        f"  names      {DATABASE}",
        "  addresses  10.40.0.10",
        "  serial     4684e45c",
        "  SHA-256    5d174a3f",
        "  valid      2026-03-01T11:55:00+00:00 to 2026-05-30T12:00:00+00:00",
        "  left       1 day",
        *pem,
        "",
        f"{DATABASE} postgresql  missing",
    ]
    assert operation.calls[0][0][1:] == (DATABASE, None)


def test_renew_tells_what_was_made(fake: Any, run: Any) -> None:
    report = RenewalReport(made=(NODE,), dropped=(f"{DATABASE} mysql",), kept=1, **CITY)
    operation = fake("certificates.renew", report)
    assert run("certificates", "renew", DATABASE, "--anyway", "--no-wait").out.splitlines() == [
        "云州市政务云 yunzhou · production",
        f"  ! {DATABASE}  (the node itself)  due  2026-05-30  1 day",
        f"  - {DATABASE} mysql: no longer needed",
        "",
        "1 certificate made",
        "  1 certificate of 云州市政务云 (production) is good already",
    ]
    (target, _), options = operation.calls[0]
    assert not target.waits
    assert options == {"hosts": (DATABASE,), "anyway": True}


def test_renew_without_need_says_so(fake: Any, run: Any) -> None:
    fake("certificates.renew", RenewalReport(kept=9, **CITY))
    assert run("certificates", "renew").out.splitlines() == [
        "✓ nothing to do: 9 certificates of 云州市政务云 (production) are good"
    ]
