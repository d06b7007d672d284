"""A small application of a department, to show that what a site gives to applications works.

Keeps records in the site's database, hands them over to the data exchange as a data set, tells
the message queue of new ones, reads a data set of another department through the gateway, and
lets people sign in at the site's identity provider.  What of this it does follows from its
settings, which are environment variables; secrets are files of the service manager.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import os
import secrets
import ssl
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable
from http import HTTPStatus, cookies
from pathlib import Path
from typing import Any

import psycopg2

SESSION_SECONDS = 8 * 3600
LOGIN_SECONDS = 600
PATIENCE_SECONDS = 10
LARGEST_REQUEST = 1 << 20
TABLE = (
    "CREATE TABLE IF NOT EXISTS records (id bigserial PRIMARY KEY, written timestamptz NOT NULL"
    " DEFAULT now(), author text NOT NULL, text text NOT NULL)"
)
Settings = os.environ
Start = Callable[[str, "list[tuple[str, str]]"], Any]


class Refused(Exception):
    """A request that is answered by a status and a reason."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def secret(name: str) -> str:
    """Return a secret that the service manager holds ready."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return Path(folder, name).read_text(encoding="utf-8").strip()


def context() -> ssl.SSLContext:
    """Return how others are known: by the site's authority, or by those of the system."""
    made = ssl.create_default_context(cafile=Settings.get("AUTHORITY") or None)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def ask(url: str, *, data: bytes | None = None, method: str = "GET", **headers: str) -> Any:  # noqa: ANN401
    """Ask another service over TLS; return what it says as JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data, named, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS, context=context()) as told:  # noqa: S310
            body = told.read()
            return json.loads(body) if body else None
    except urllib.error.HTTPError as failed:
        where = urllib.parse.urlsplit(url)
        reason = f"{where.netloc}{where.path} answered {failed.code}"
        raise Refused(HTTPStatus.BAD_GATEWAY, reason) from failed
    except OSError as failed:
        where = urllib.parse.urlsplit(url)
        reason = f"{where.netloc} cannot be asked: {failed}"
        raise Refused(HTTPStatus.BAD_GATEWAY, reason) from failed


def basic(account: str, password: str) -> str:
    """Return the header by which an account logs in at a service."""
    return "Basic " + base64.b64encode(f"{account}:{password}".encode()).decode()


# Records ------------------------------------------------------------------------------------------


def database() -> Any:  # noqa: ANN401 - the driver has no types
    """Connect to the site's database, which must show a certificate of the site."""
    return psycopg2.connect(
        host=Settings["DATABASE_HOST"],
        port=Settings.get("DATABASE_PORT", "5432"),
        dbname=Settings["DATABASE_NAME"],
        user=Settings["DATABASE_ACCOUNT"],
        password=secret("database_password"),
        sslmode="verify-full",
        sslrootcert=Settings["AUTHORITY"],
        connect_timeout=PATIENCE_SECONDS,
    )


def run(statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Run a statement in a transaction of its own; return rows."""
    connection = database()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(TABLE)
            cursor.execute(statement, values)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()


def records() -> list[dict[str, Any]]:
    """Return all records, the newest first."""
    rows = run("SELECT id, written, author, text FROM records ORDER BY id DESC LIMIT 1000")
    return [
        {"id": one, "written": written.isoformat(), "author": author, "text": text}
        for one, written, author, text in rows
    ]


def write(author: str, text: str) -> dict[str, Any]:
    """Write a record, and tell those who wait for it."""
    if not text.strip():
        raise Refused(HTTPStatus.BAD_REQUEST, "a record has a text")
    query = "INSERT INTO records (author, text) VALUES (%s, %s) RETURNING id"
    (number,) = run(query, author, text)[0]
    announce({"system": Settings["SYSTEM"], "record": number})
    return {"id": number}


def announce(event: dict[str, Any]) -> None:
    """Tell the message queue, where there is one."""
    if "QUEUE_HOST" not in Settings:
        return
    import pika  # noqa: PLC0415 - only where there is a queue

    name, queue = Settings["QUEUE_HOST"], Settings["QUEUE"]
    known = pika.PlainCredentials(Settings["QUEUE_ACCOUNT"], secret("queue_password"))
    place = (name, int(Settings.get("QUEUE_PORT", "5671")), Settings["QUEUE_SPACE"], known)
    options = pika.SSLOptions(context(), name)
    link = pika.BlockingConnection(pika.ConnectionParameters(*place, ssl_options=options))
    channel = link.channel()
    channel.queue_declare(queue, durable=True)
    kept = pika.BasicProperties(delivery_mode=2)
    channel.basic_publish("", queue, json.dumps(event).encode(), kept)
    link.close()


def hand_over(_: dict[str, Any]) -> dict[str, Any]:
    """Hand all records over to the data exchange, as the data set of this system."""
    rows = records()
    url = f"{Settings['EXCHANGE_URL']}/sets/{Settings['SYSTEM']}/{Settings['DATA_SET']}"
    login = basic(Settings.get("EXCHANGE_ACCOUNT", Settings["SYSTEM"]), secret("exchange_password"))
    body = json.dumps(rows, ensure_ascii=False).encode()
    ask(url, data=body, method="PUT", Authorization=login, Content_Type="application/json")
    return {"handed_over": len(rows)}


def others() -> Any:  # noqa: ANN401 - as the gateway tells
    """Read what another department shares, through the gateway."""
    return ask(Settings["GATEWAY_URL"] + Settings["READS"], X_API_Key=secret("gateway_key"))


# People -------------------------------------------------------------------------------------------


def sign(value: str) -> str:
    """Return a value with a mark that only this application can make."""
    mark = hmac.new(secret("session_key").encode(), value.encode(), "sha256").hexdigest()
    return f"{value}.{mark}"


def signed(text: str, kind: str) -> str:
    """Return the value of a mark of our own that has not run out; empty for any other text."""
    value, _, _ = text.rpartition(".")
    if not value or not hmac.compare_digest(text, sign(value)):
        return ""
    told, until, what = base64.urlsafe_b64decode(value).decode().split(" ", 2)
    return what if told == kind and time.time() < float(until) else ""


def ticket(kind: str, what: str, seconds: int) -> str:
    """Return a signed text that runs out."""
    text = f"{kind} {time.time() + seconds} {what}"
    return sign(base64.urlsafe_b64encode(text.encode()).decode())


def provider() -> dict[str, str]:
    """Return where the identity provider says that it is asked."""
    issuer = Settings["OIDC_ISSUER"].rstrip("/")
    found: dict[str, str] = ask(f"{issuer}/.well-known/openid-configuration")
    return found


def who(request: Request) -> str:
    """Return who has signed in; everybody counts as the system where there is no provider."""
    if "OIDC_ISSUER" not in Settings:
        return Settings["SYSTEM"]
    return signed(request.cookie("session"), "session")


def begin_login(_: Request) -> Reply:
    """Send a person to the identity provider."""
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "scope": "openid profile",
        "client_id": Settings["OIDC_CLIENT"],
        "redirect_uri": f"{Settings['URL']}/callback",
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    target = f"{provider()['authorization_endpoint']}?{urllib.parse.urlencode(asked)}"
    kept = ticket("login", f"{state} {verifier}", LOGIN_SECONDS)
    return Reply(HTTPStatus.FOUND, b"", [("Location", target), cookie("login", kept)])


def end_login(request: Request) -> Reply:
    """Take a person back who has signed in there.

    The code is changed for tokens over TLS at the provider itself, so who answers is known by its
    certificate, and who the person is by what it says of the token.
    """
    state, _, verifier = signed(request.cookie("login"), "login").partition(" ")
    if not state or not hmac.compare_digest(state, request.query.get("state", "")):
        raise Refused(HTTPStatus.FORBIDDEN, "this login was not begun here")
    places = provider()
    form = {
        "grant_type": "authorization_code",
        "code": request.query.get("code", ""),
        "redirect_uri": f"{Settings['URL']}/callback",
        "code_verifier": verifier,
    }
    login = basic(Settings["OIDC_CLIENT"], secret("oidc_secret"))
    data = urllib.parse.urlencode(form).encode()
    tokens = ask(places["token_endpoint"], data=data, method="POST", Authorization=login)
    person = ask(places["userinfo_endpoint"], Authorization=f"Bearer {tokens['access_token']}")
    session = ticket("session", str(person["sub"]), SESSION_SECONDS)
    headers = [("Location", "/"), cookie("session", session), cookie("login", "")]
    return Reply(HTTPStatus.FOUND, b"", headers)


def cookie(name: str, value: str) -> tuple[str, str]:
    """Return a header that sets a cookie for this application alone."""
    ending = "" if value else "; Max-Age=0"
    return "Set-Cookie", f"{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{ending}"


# Requests -----------------------------------------------------------------------------------------


class Request:
    """What a visitor asks."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self.method: str = environ["REQUEST_METHOD"]
        self.path: str = environ.get("PATH_INFO", "/")
        self.query = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", "")))
        self._environ = environ

    def cookie(self, name: str) -> str:
        """Return a cookie, empty if there is none."""
        jar: cookies.SimpleCookie = cookies.SimpleCookie(self._environ.get("HTTP_COOKIE", ""))
        return jar[name].value if name in jar else ""

    def json(self) -> dict[str, Any]:
        """Return the body; other sites cannot make a browser send this kind."""
        if self._environ.get("CONTENT_TYPE", "").partition(";")[0] != "application/json":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "this takes application/json")
        length = int(self._environ.get("CONTENT_LENGTH") or 0)
        if length > LARGEST_REQUEST:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "this is too much at once")
        try:
            body = json.loads(self._environ["wsgi.input"].read(length))
        except ValueError as failed:
            raise Refused(HTTPStatus.BAD_REQUEST, f"this is no JSON: {failed}") from failed
        if not isinstance(body, dict):
            raise Refused(HTTPStatus.BAD_REQUEST, "this takes an object")
        return body


class Reply:
    """What a visitor is told."""

    def __init__(
        self, status: HTTPStatus, body: bytes, headers: list[tuple[str, str]] | None = None
    ) -> None:
        self.status, self.body, self.headers = status, body, headers or []

    @classmethod
    def of(cls, told: Any, status: HTTPStatus = HTTPStatus.OK) -> Reply:  # noqa: ANN401
        """Tell something as JSON."""
        text = json.dumps(told, ensure_ascii=False) + "\n"
        return cls(status, text.encode(), [("Content-Type", "application/json; charset=utf-8")])


def page(request: Request) -> Reply:
    """Show the records to people."""
    person = who(request)
    title = html.escape(Settings.get("TITLE", Settings["SYSTEM"]))
    shown = f"<p>{html.escape(person)}</p>" if person else '<p><a href="/login">登录</a></p>'
    rows = "".join(f"<li>{html.escape(one['text'])}</li>" for one in records()) if person else ""
    text = f'<!DOCTYPE html><html lang="zh"><meta charset="utf-8"><title>{title}</title>'
    text += f"<h1>{title}</h1>{shown}<ul>{rows}</ul></html>\n"
    headers = [("Content-Type", "text/html; charset=utf-8")]
    headers += [("Content-Security-Policy", "default-src 'none'")]
    return Reply(HTTPStatus.OK, text.encode(), headers)


def health(_: Request) -> Reply:
    """Tell whether the application can do its work."""
    if "DATABASE_HOST" in Settings:
        run("SELECT 1")
    return Reply.of({"system": Settings["SYSTEM"], "healthy": True})


def known(answer: Callable[[str, Request], Any]) -> Callable[[Request], Reply]:
    """Let only those ask who have signed in."""

    def answered(request: Request) -> Reply:
        person = who(request)
        if not person:
            raise Refused(HTTPStatus.UNAUTHORIZED, "sign in first, at /login")
        return Reply.of(answer(person, request))

    return answered


ROUTES: dict[tuple[str, str], Callable[[Request], Reply]] = {
    ("GET", "/"): page,
    ("GET", "/health"): health,
    ("GET", "/login"): begin_login,
    ("GET", "/callback"): end_login,
    ("GET", "/me"): known(lambda person, _: {"person": person}),
    ("GET", "/records"): known(lambda _, __: records()),
    ("POST", "/records"): known(lambda who, asked: write(who, str(asked.json().get("text", "")))),
    ("POST", "/handed-over"): known(lambda _, asked: hand_over(asked.json())),
    ("GET", "/others"): known(lambda _, __: others()),
}


def answer(request: Request) -> Reply:
    """Answer one request; what goes wrong is said, without what lies within."""
    found = ROUTES.get((request.method, request.path))
    if found is None:
        return Reply.of({"reason": "there is nothing here"}, HTTPStatus.NOT_FOUND)
    try:
        return found(request)
    except Refused as refused:
        return Reply.of({"reason": refused.reason}, refused.status)
    except psycopg2.Error as failed:
        reason = f"the database: {str(failed).strip()}"
        return Reply.of({"reason": reason}, HTTPStatus.SERVICE_UNAVAILABLE)


def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Speak to the server, as WSGI has it."""
    reply = answer(Request(environ))
    headers = [*reply.headers, ("Content-Length", str(len(reply.body)))]
    start(f"{reply.status.value} {reply.status.phrase}", headers)
    return [reply.body]
