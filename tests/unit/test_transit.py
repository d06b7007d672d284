"""How a key manager is found and asked, and what is said where it does not answer."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from govstack.errors import KeyManagerFailed
from govstack.state.transit import Transit, server, token


class Handler(BaseHTTPRequestHandler):
    """Answers as it is told, and remembers what it was asked."""

    answer: ClassVar[tuple[int, bytes]] = (200, b"")
    asked: ClassVar[list[Any]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        names = ("X-Vault-Token", "X-Vault-Namespace")
        self.asked.append((self.path, body, [self.headers[name] for name in names]))
        self.send_response(self.answer[0])
        self.end_headers()
        self.wfile.write(self.answer[1])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Handler]]:
    made = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    monkeypatch.setenv("VAULT_ADDR", f"http://127.0.0.1:{made.server_port}/")
    monkeypatch.setenv("VAULT_TOKEN", "planted")
    Handler.asked.clear()
    yield Handler
    made.shutdown()
    thread.join()
    made.server_close()


def test_a_key_is_wrapped_by_the_engine_and_key_of_the_address(
    answering: type[Handler], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_NAMESPACE", "gov")
    answering.answer = (200, b'{"data": {"ciphertext": "vault:v1:x", "plaintext": "a2V5"}}')
    assert Transit("hashivault://a/b?engine=my/transit").wrap(b"key") == "vault:v1:x"
    assert Transit("hashivault://a").unwrap("vault:v1:x") == b"key"
    assert answering.asked == [
        ("/v1/my/transit/encrypt/a/b", {"plaintext": "a2V5"}, ["planted", "gov"]),
        ("/v1/transit/decrypt/a", {"ciphertext": "vault:v1:x"}, ["planted", "gov"]),
    ]


@pytest.mark.parametrize(
    ("code", "body", "text"),
    [
        (403, '{"errors": ["permission denied"]}', "forbids it: permission denied"),
        (503, '{"errors": ["Vault is sealed"]}', "is sealed"),
        (400, '{"errors": ["encryption key not found"]}', "has no key for hashivault://a"),
        (404, '{"errors": []}', "has no key for hashivault://a, or not the one .*: Not Found"),
        (500, "<html>", "answered 500: Internal Server Error"),
        (200, "<html>", "did not answer as one does"),
        (200, '{"data": {}}', "did not answer as one does"),
    ],
)
def test_what_it_refuses_is_told(answering: type[Handler], code: int, body: str, text: str) -> None:
    answering.answer = (code, body.encode())
    with pytest.raises(KeyManagerFailed, match=text) as caught:
        Transit("hashivault://a").unwrap("vault:v1:x")
    assert caught.value.hint
    assert "planted" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("", "where the key manager is was not said"),
        ("vault:8200", "VAULT_ADDR is 'vault:8200'"),
        ("http://10.0.0.9:8200", "asked in clear"),
    ],
)
def test_where_it_is_must_be_said_and_safe(
    address: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_ADDR", address)
    with pytest.raises(KeyManagerFailed, match=text):
        server()


def test_the_token_is_that_of_the_variable_or_of_a_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("VAULT_TOKEN", raising=False)
    with pytest.raises(KeyManagerFailed, match="there is no token"):
        token()
    (tmp_path / ".vault-token").write_text("of-the-login\n")
    assert token().reveal() == "of-the-login"
    monkeypatch.setenv("VAULT_TOKEN", "of-the-variable")
    assert token().reveal() == "of-the-variable"
