"""The agent takes steps on this machine, and says what was expected and what was seen."""

import http.server
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from govstack.verify.agent import judge, take, take_all


class Server(http.server.BaseHTTPRequestHandler):
    """Says who asks."""

    def do_GET(self) -> None:
        self.send_response(200 if self.headers["Authorization"] else 401)
        self.send_header("X-Path", self.path)
        self.end_headers()
        self.wfile.write((self.headers["Authorization"] or "nobody").encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority")
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    own = ("-subj", "/CN=lab", "-keyout", "ca.key", "-out", "ca.pem", "-days", "9")
    shown = ("-subj", "/CN=server", "-addext", "subjectAltName=DNS:server", "-days", "3")
    files = ("-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "key.pem", "-out", "own.pem")
    for arguments in (own, (*shown, *files)):
        command = ["openssl", "req", "-x509", *new, *arguments]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def place(authority: Path) -> Iterator[int]:
    """A server that speaks TLS as `server`; its port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "own.pem", authority / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def step(kind: str, expect: Any, within: float = 0, **ask: Any) -> dict[str, Any]:
    asked = {"seconds": 5, **ask}
    return {"kind": kind, "ask": asked, "expect": expect, "within": within, "always": False}


def tls(authority: Path, port: int, name: str, **expect: Any) -> tuple[str, str]:
    pem = (authority / "ca.pem").read_text(encoding="utf-8")
    ask = {"address": "127.0.0.1", "port": port, "name": name, "authority": pem, "starttls": ""}
    told = take(step("tls", expect, **ask))
    return told["expected"], told["seen"]


def test_a_certificate_is_good_for_its_name_and_for_a_while(authority: Path, place: int) -> None:
    assert tls(authority, place, "server", chain="good", days={"at_least": 2}) == ("", "")
    assert tls(authority, place, "server", days={"at_least": 7}) == ("days at least 7", "days 2")
    expected, seen = tls(authority, place, "other", chain="good")
    assert (expected, "Hostname mismatch" in seen) == ("chain good", True)


def test_a_certificate_of_somebody_else_is_not_good(authority: Path, place: int) -> None:
    pem = (authority / "own.pem").read_text(encoding="utf-8")
    ask = {"address": "127.0.0.1", "port": place, "name": "server", "starttls": ""}
    told = take(step("tls", {"chain": "good"}, authority=pem, **ask))
    assert told["expected"] == "chain good"
    assert "unable to get" in told["seen"]


def test_a_request_goes_to_an_address_with_the_name_that_is_expected(
    authority: Path, place: int
) -> None:
    pem = (authority / "ca.pem").read_text(encoding="utf-8")
    ask = {
        "url": f"https://server:{place}/sets?size=1",
        "address": "127.0.0.1",
        "method": "GET",
        "headers": {},
        "account": "",
        "password": "",
        "body": None,
        "authority": pem,
    }
    assert take(step("http", {"status": 401, "body": "nobody"}, **ask))["seen"] == ""
    told = take(step("http", {"status": 200}, **ask))
    assert (told["expected"], told["seen"]) == ("status 200", "status 401")
    known = {**ask, "account": "app-oa", "password": "secret"}
    expect = {"status": 200, "header x-path": "/sets?size=1", "body": {"lacks": "nobody"}}
    assert take(step("http", expect, **known))["seen"] == ""
    there = {**ask, "url": f"https://127.0.0.1:{place}/", "address": "192.0.2.1"}
    assert "IP address mismatch" in take(step("http", {"status": 200}, **there))["seen"]
    gone = take(step("http", {"status": 200}, **{**ask, "url": "https://server:1/"}))
    assert (gone["expected"], gone["seen"]) == ("status 200", "[Errno 111] Connection refused")


def test_scripts_get_values_that_are_never_taken_for_programs() -> None:
    text = '\'; echo broken; "$(id)"'
    shown = step("shell", {"out": text}, script='echo "$it"', values={"it": text}, user="")
    assert take(shown)["seen"] == ""
    program = "import json, sys; sys.stdout.write(json.load(sys.stdin)['it'])"
    shown = step("python", {"out": text}, script=program, values={"it": text}, user="")
    assert take(shown)["seen"] == ""


def test_a_script_that_takes_too_long_is_ended() -> None:
    slow = step("shell", {"code": 0}, script="exec sleep 9", values={}, user="", seconds=0.2)
    assert take(slow)["seen"] == "it has not ended within 0 s"


def test_a_step_is_repeated_until_all_is_as_expected(tmp_path: Path) -> None:
    script = 'echo x >>"$file"; wc -l <"$file"'
    counted = {"script": script, "values": {"file": str(tmp_path / "count")}, "user": ""}
    assert take(step("shell", {"out": 3}, within=9, **counted))["seen"] == ""
    assert take(step("shell", {"out": 9}, within=0, **counted))["seen"] == "out 4"


def test_after_a_failure_only_what_puts_back_is_done() -> None:
    fails = step("shell", {"code": 0}, script="exit 1", values={}, user="")
    works = step("shell", {"code": 0}, script="true", values={}, user="")
    told = take_all([works, fails, works, {**works, "always": True}])
    assert [one and one["expected"] for one in told] == ["", "code 0", None, ""]


@pytest.mark.parametrize(
    ("wanted", "seen", "told"),
    [
        (5, "5", ""),
        ({"contains": "b"}, "abc", ""),
        ({"lacks": "b"}, "abc", "out lacks b"),
        ({"matches": "^a"}, "abc", ""),
        ({"one_of": [200, 404]}, 404, ""),
        ({"one_of": [200, 404]}, 500, "out one of 200 or 404"),
        ({"at_most": 1}, "0.5", ""),
        ({"at_least": 1}, "", "out at least 1"),
        ("", "abc", "out empty"),
    ],
)
def test_values_are_compared_in_these_ways(wanted: Any, seen: Any, told: str) -> None:
    assert judge({"out": wanted}, {"out": seen})[0] == told


def test_why_a_program_failed_is_said() -> None:
    failed = {"code": 1, "out": "", "err": "Traceback (most recent call last):\n  x\nOSError: gone"}
    assert judge({"out": "word"}, failed) == ("out word", "out empty: OSError: gone")
    assert judge({"code": 0}, failed) == ("code 0", "code 1: OSError: gone")
    assert judge({"err": {"contains": "NOAUTH"}}, failed)[1] == "err OSError: gone"
    assert judge({"out": "word"}, {**failed, "code": 0})[1] == "out empty"


def test_a_name_that_nobody_knows_is_said() -> None:
    told = take(step("name", {"addresses": "192.0.2.1"}, name="nobody.invalid"))
    assert told["expected"] == "addresses 192.0.2.1"
    assert told["seen"].startswith("nobody.invalid: ")
    assert take(step("name", {"addresses": "127.0.0.1"}, name="localhost"))["seen"] == ""
