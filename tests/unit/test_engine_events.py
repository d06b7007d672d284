from typing import Any

import pytest
from pulumi.automation import EngineEvent

from govstack.engine.events import Journal
from govstack.values.change import Action, Risk

PORT = "openstack:networking/port:Port"
URN = f"urn:pulumi:dat-rdb::data-service::{PORT}::yz-port"


def step(op: str, kind: str = PORT, **fields: Any) -> dict[str, Any]:
    return {
        "op": op,
        "urn": URN.replace(PORT, kind),
        "type": kind,
        "provider": "",
        "old": None,
        "new": fields.pop("new", None),
        **fields,
    }


def event(name: str, body: dict[str, Any]) -> EngineEvent:
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, name: body})


def planned(**fields: Any) -> EngineEvent:
    return event("resourcePreEvent", {"metadata": step(**fields), "planning": True})


def done(**fields: Any) -> EngineEvent:
    return event("resOutputsEvent", {"metadata": step(**fields), "planning": False})


def error(message: str) -> EngineEvent:
    return event(
        "diagnosticEvent",
        {"message": message, "color": "never", "severity": "error", "urn": URN},
    )


def journal(*, preview: bool) -> Journal:
    return Journal("data-service", "dat-rdb", preview=preview)


def test_a_preview_tells_what_would_happen_and_why() -> None:
    kept = journal(preview=True)
    change = kept.observe(
        planned(op="replace", keys=["fixedIps"], diffs=["fixedIps", "tags"], detailedDiff=None)
    )
    assert change
    assert (change.action, change.name, change.cause, change.risk) == (
        Action.REPLACE,
        "yz-port",
        ("fixedIps", "tags"),
        Risk.INTERRUPTION,
    )
    assert kept.observe(planned(op="same")) is None
    assert kept.observe(planned(op="create-replacement")) is None
    assert (kept.resources, len(kept.changes)) == (2, 1)


def test_an_update_tells_what_was_done() -> None:
    kept = journal(preview=False)
    assert kept.observe(planned(op="create")) is None
    change = kept.observe(done(op="create"))
    assert change
    assert change.action is Action.CREATE
    assert kept.observe(done(op="create", kind="govstack:system:Nodes")) is None
    assert kept.observe(done(op="create", kind="pulumi:providers:openstack")) is None
    assert kept.resources == 1


def test_a_replacement_is_one_change_when_it_is_done() -> None:
    kept = journal(preview=False)
    steps = ("delete-replaced", "replace", "create-replacement")
    told = [kept.observe(done(op=op, keys=["description"])) for op in steps]
    assert [change.action if change else None for change in told] == [None, None, Action.REPLACE]
    assert (kept.resources, len(kept.changes)) == (1, 1)


def test_outputs_are_kept_without_secrets() -> None:
    kept = journal(preview=False)
    new = {
        "type": "pulumi:pulumi:Stack",
        "urn": URN,
        "custom": False,
        "id": "",
        "parent": "",
        "inputs": {},
        "outputs": {"nodes": {"a": "1"}, "password": "[secret]"},
        "provider": "",
    }
    assert kept.observe(done(op="create", kind="pulumi:pulumi:Stack", new=new)) is None
    assert kept.outputs == {"nodes": {"a": "1"}}


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("<{%reset%}>boom<{%reset%}>", "yz-port: boom"),
        ("1 error occurred:\n\t* boom\n\n", "yz-port: boom"),
        (
            (
                "sdk-v2/provider2.go:571: sdk.helper_schema: Error creating port: Expected HTTP "
                "response code [201 202] when accessing [POST http://c:9696/v2.0/ports], but "
                'got 409 instead: {"NeutronError": {"type": "OverQuota", '
                '"message": "Quota exceeded", "detail": ""}}: provider=openstack@5.5.3'
            ),
            ("yz-port: Error creating port: Quota exceeded (409 to POST http://c:9696/v2.0/ports)"),
        ),
        (
            (
                "Error: Expected HTTP response code [200] when accessing [GET http://x], but "
                "got 502 instead: <html>bad gateway</html>"
            ),
            "yz-port: Error: <html>bad gateway</html> (502 to GET http://x)",
        ),
        (
            (
                "creating urn:pulumi:a::b::c$openstack:keymanager/secretV1:SecretV1::yz-port: "
                "1 error occurred:\n\t* Error creating secret: Expected HTTP response code [201] "
                "when accessing [POST http://c/v1/secrets], but got 500 instead: "
                '{"code": 500, "title": "Internal", "description": "Creation failed"}'
            ),
            "yz-port: Error creating secret: Creation failed (500 to POST http://c/v1/secrets)",
        ),
    ],
)
def test_an_error_is_what_the_cloud_said(message: str, said: str) -> None:
    kept = journal(preview=False)
    kept.observe(error(message))
    assert kept.errors == [said]


def test_that_an_update_failed_is_no_reason() -> None:
    kept = journal(preview=False)
    kept.observe(error("update failed"))
    assert kept.errors == []
