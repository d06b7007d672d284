"""Applications have data encrypted and signed, and never see a key."""

import base64
import json
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

NAME = "kms-001.yunzhou.example"
PASSWORD, PIN = "a-password-of-the-keys", "a-pin-of-the-token-1"


@pytest.fixture(scope="module")
def variables(authority: Any) -> dict[str, Any]:
    return {
        **authority.issue("key_service", NAME),
        "key_service_pin": PIN,
        "key_service_accounts": [
            {"name": name, "password": f"{PASSWORD}-{name}"} for name in ("app-oa", "app-mkt")
        ],
        "key_service_keys": [
            {"name": "letters", "kind": "encryption", "users": ["app-oa"]},
            {"name": "seal", "kind": "signature", "users": ["app-oa", "app-mkt"]},
        ],
    }


@pytest.fixture(scope="module")
def host(lab: Any, authority: Any, variables: dict[str, Any]) -> Any:
    host = lab.start("kms-001")
    host.sh(f"echo 127.0.0.1 {NAME} >>/etc/hosts")
    host.sh(f"printf '%s' '{authority.certificate}' >/root/ca.pem")
    play = lab.converge("key_service", {}, hosts={"kms-001": variables})
    assert PASSWORD not in play.output
    assert PIN not in play.output
    return host


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def asked(host: Any, path: str, account: str = "app-oa", **told: str) -> tuple[int, Any]:
    """Return the status, and what was told."""
    login = f"-u {account}:{PASSWORD}-{account}" if account else ""
    command = f"curl -sS --cacert /root/ca.pem -w '%{{http_code}}' {login} -d '{json.dumps(told)}'"
    shown = host.sh(f"{command} https://{NAME}{path}")
    return int(shown[-3:]), json.loads(shown[:-3])


def test_what_is_encrypted_is_decrypted_where_it_belongs(host: Any) -> None:
    own = {"context": b64("record 7")}
    status, told = asked(host, "/keys/letters/encrypt", data=b64("公文"), **own)
    assert status == 200
    assert "公文".encode() not in base64.b64decode(told["data"])
    assert asked(host, "/keys/letters/encrypt", data=b64("公文"), **own)[1] != told
    assert asked(host, "/keys/letters/decrypt", **told, **own) == (200, {"data": b64("公文")})
    assert asked(host, "/keys/letters/decrypt", **told, context=b64("record 8"))[0] == 400
    # Keys outlive the service.
    host.sh("systemctl restart govstack-keys")
    host.eventually(f"curl -sSf --cacert /root/ca.pem https://{NAME}/health")
    assert asked(host, "/keys/letters/decrypt", **told, **own) == (200, {"data": b64("公文")})


def test_everybody_can_look_at_a_signature(host: Any) -> None:
    status, told = asked(host, "/keys/seal/sign", account="app-mkt", data=b64("执照"))
    assert status == 200
    host.sh(
        f"cd /root; echo {told['signature']} | base64 -d >sig; printf 执照 >text"
        f"; echo {told['public']} | base64 -d | openssl pkey -pubin -inform DER >public.pem"
    )
    look = "cd /root; openssl dgst -sha256 -verify public.pem -signature sig text"
    assert host.sh(look) == "Verified OK"
    host.sh("printf changed >>/root/text")
    assert host.done(look).returncode == 1


def test_nobody_else_uses_a_key_and_nobody_gets_one(host: Any) -> None:
    assert asked(host, "/keys/letters/encrypt", account="app-mkt", data="")[0] == 403
    assert asked(host, "/keys/letters/encrypt", account="", data="")[0] == 401
    assert asked(host, "/keys/letters/sign", data="")[0] == 400
    read = (
        "import PyKCS11 as T; m = T.PyKCS11Lib(); m.load('/usr/lib/softhsm/libsofthsm2.so')\n"
        "s = m.openSession(m.getSlotList(tokenPresent=True)[0]); s.login('" + PIN + "')\n"
        "k = s.findObjects([(T.CKA_CLASS, T.CKO_SECRET_KEY)])[0]\n"
        "print(s.getAttributeValue(k, [T.CKA_EXTRACTABLE, T.CKA_SENSITIVE]))\n"
        "print(s.getAttributeValue(k, [T.CKA_VALUE]))"
    )
    host.sh(f"cat >/root/read.py <<'END'\n{read}\nEND")
    told = host.sh("SOFTHSM2_CONF=/etc/govstack/keys/softhsm2.conf python3 /root/read.py")
    assert told.splitlines()[0] == "[False, True]"
    assert told.splitlines()[1] in {"[None]", "[()]"} or "CKR_ATTRIBUTE_SENSITIVE" in told
    log = host.sh("journalctl --unit govstack-keys -o cat")
    assert "use account=app-mkt from=127.0.0.1 '/keys/letters/encrypt' 403" in log
    assert PIN not in host.sh("journalctl; ps -ef")
    modes = host.sh("stat -c '%a %U' /etc/govstack/keys/pin /etc/govstack/keys/declared.json")
    assert modes.splitlines() == ["600 root"] * 2
    assert host.sh("stat -c '%a %U' /var/lib/kms") == "700 gov-keys"


def test_what_is_wrong_is_said(lab: Any, host: Any, variables: dict[str, Any]) -> None:
    assert host
    reasons = lab.refuses("key_service", {**variables, "key_service_accounts": []})
    assert "not in key_service_accounts: app-mkt, app-oa" in reasons
    wrong = {name: value for name, value in variables.items() if name != "key_service_key"}
    reasons = lab.refuses("key_service", {**wrong, "key_service_port": "many"})
    assert "cannot be converted to" in reasons
    assert "missing required arguments: key_service_key" in reasons
