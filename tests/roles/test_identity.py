"""People sign in once, by OpenID Connect, and applications learn who they are."""

import json
import subprocess
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

NAME, OFFICE = "auth.yunzhou.example", "oa.yunzhou.example"
PASSWORD, SECRET = "a long walk by the river", "secret-of-the-application"
# A browser, as far as it is needed: goes where it is sent, keeps cookies, fills in the form.
BROWSER = r"""
import http.cookiejar, json, re, ssl, sys, urllib.error, urllib.parse, urllib.request
context = ssl.create_default_context(cafile="/root/ca.pem")
browser = urllib.request.build_opener(
    urllib.request.HTTPSHandler(context=context),
    urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
def seen(url, form=None):
    data = urllib.parse.urlencode(form).encode() if form else None
    try:
        with browser.open(url, data) as shown:
            return shown.url, shown.read().decode()
    except urllib.error.HTTPError as failed:
        return failed.url, failed.read().decode()
office, person, password = sys.argv[1:4]
url, page = seen(office + "/login")
form = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
url, page = seen(urllib.parse.urljoin(url, "/"), {**form, "user": person, "password": password})
wrong = re.findall(r'trmsg="(\d+)"', page)
print(json.dumps({"at": url, "wrong": wrong, "me": json.loads(seen(office + "/me")[1])}))
"""


@pytest.fixture(scope="module")
def variables(authority: Any) -> dict[str, Any]:
    key = ("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
    made = subprocess.run(key, check=True, capture_output=True, text=True).stdout
    hashed = ("openssl", "passwd", "-6", PASSWORD)
    known = subprocess.run(hashed, check=True, capture_output=True, text=True).stdout.strip()
    return {
        **authority.issue("identity", NAME),
        "identity_name": NAME,
        "identity_secret": "what-sessions-are-protected-by",
        "identity_signing_key": made,
        "identity_people": [
            {"name": "wang", "full_name": "王明", "password_hash": known},
            {"name": "zhao", "full_name": "赵强", "password_hash": known},
        ],
        "identity_applications": [
            {
                "name": "app-oa",
                "secret": SECRET,
                "addresses": [f"https://{OFFICE}:9443/callback"],
            }
        ],
        "identity_failures": 3,
    }


@pytest.fixture(scope="module")
def host(lab: Any, authority: Any, variables: dict[str, Any]) -> Any:
    host = lab.start("iam-001")
    host.sh(f"echo 127.0.0.1 {NAME} {OFFICE} >>/etc/hosts")
    host.sh(f"printf '%s' '{authority.certificate}' >/root/ca.pem")
    host.sh(f"cat >/root/browser.py <<'END'\n{BROWSER}\nEND")
    play = lab.converge("identity", {}, hosts={"iam-001": variables})
    for secret in (SECRET, variables["identity_signing_key"].splitlines()[1]):
        assert secret not in play.output
    office = {
        **authority.issue("application", OFFICE),
        "application_name": "app-oa",
        "application_port": 9443,
        "application_environment": {
            "SYSTEM": "app-oa",
            "URL": f"https://{OFFICE}:9443",
            "OIDC_ISSUER": f"https://{NAME}",
            "OIDC_CLIENT": "app-oa",
        },
        "application_secrets": {"oidc_secret": SECRET, "session_key": "what-cookies-are-made-of"},
    }
    play = lab.play("application", hosts={"iam-001": office})
    assert play.exit_code == 0, play.reasons
    return host


def signed_in(host: Any, person: str, password: str) -> dict[str, Any]:
    """Return what somebody sees in the end who signs in at the application."""
    told = host.sh(f"python3 /root/browser.py https://{OFFICE}:9443 {person} '{password}'")
    shown: dict[str, Any] = json.loads(told)
    return shown


def test_the_application_learns_who_signed_in(host: Any) -> None:
    shown = signed_in(host, "wang", PASSWORD)
    assert shown["me"] == {"person": "wang"}
    assert shown["at"] == f"https://{OFFICE}:9443/"


def test_nobody_else_is_signed_in(host: Any) -> None:
    nobody = {"reason": "sign in first, at /login"}
    for person, password in (("wang", "wrong"), ("nobody", PASSWORD), ("wang", "")):
        shown = signed_in(host, person, password)
        assert shown["me"] == nobody
        assert shown["at"].startswith(f"https://{NAME}/")
    ask = "curl -sS -o /dev/null -w '%{http_code}' --cacert /root/ca.pem"
    forged = f"{ask} -b 'session=forged.mark' https://{OFFICE}:9443/me"
    assert host.sh(forged) == "401"
    begun = f"{ask} 'https://{OFFICE}:9443/callback?code=x&state=y'"
    assert host.sh(begun) == "403"
    # An application that is not declared, and one that people are not to be sent to.
    place = f"https://{NAME}/oauth2/authorize?response_type=code&scope=openid&state=s"
    for client, target in (("other", OFFICE), ("app-oa", "elsewhere.example")):
        asked = f"{place}&client_id={client}&redirect_uri=https://{target}:9443/callback"
        assert "callback" not in host.sh(
            f"curl -sS -o /dev/null -w '%{{redirect_url}}' --cacert /root/ca.pem '{asked}'"
        )


def test_whoever_guesses_waits(host: Any) -> None:
    for _ in range(4):
        signed_in(host, "zhao", "guess")
    assert "person" not in signed_in(host, "zhao", PASSWORD)["me"]
    assert signed_in(host, "wang", PASSWORD)["me"] == {"person": "wang"}


def test_it_is_written_who_signed_in(host: Any) -> None:
    log = host.sh("journalctl -t LLNG -o cat")
    assert "User wang is authorized to access to app-oa" in log
    assert "Bad password for zhao" in log
    assert PASSWORD not in host.sh("journalctl")
    modes = host.sh("cd /etc/govstack/identity; stat -c '%a %U %G' people.json conf/*")
    assert modes.splitlines() == ["640 root www-data"] * 2


def test_what_is_wrong_is_said(lab: Any, host: Any, variables: dict[str, Any]) -> None:
    assert host
    person = {"name": "wang", "full_name": "王明", "password_hash": "$1$md5"}
    reasons = lab.refuses("identity", {**variables, "identity_people": [person]})
    assert "those of these people are not: wang" in reasons
    wrong = {name: value for name, value in variables.items() if name != "identity_key"}
    reasons = lab.refuses("identity", {**wrong, "identity_port": "many"})
    assert "cannot be converted to" in reasons
    assert "missing required arguments: identity_key" in reasons
