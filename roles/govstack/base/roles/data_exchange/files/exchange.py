"""The exchange of data between departments: a catalogue, and the sets that it names.

A provider hands its set over whole, consumers read it in pages, and nobody else gets at it.  Sets
lie in the site's database.  Who asked for what, and whether it was given, is written to the log.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sys
import urllib.parse
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2.extras import execute_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PAGE, LARGEST_PAGE = 100, 1000
PATIENCE_SECONDS = 10
MEGABYTE = 1 << 20
SHOWN = ("provider", "id", "name", "share", "condition", "data_class", "format", "update_cycle")
"""What the catalogue tells of a set to everybody who has an account."""
TABLES = """
CREATE TABLE IF NOT EXISTS sets (
    provider text, id text, updated timestamptz NOT NULL, PRIMARY KEY (provider, id));
CREATE TABLE IF NOT EXISTS records (
    provider text, id text, place integer, record jsonb NOT NULL,
    PRIMARY KEY (provider, id, place),
    FOREIGN KEY (provider, id) REFERENCES sets ON DELETE CASCADE);
"""


class Refused(Exception):
    """A request that is answered by a status and a reason."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def credential(name: str) -> str:
    """Return what the service manager holds ready for this service alone."""
    return Path(os.environ["CREDENTIALS_DIRECTORY"], name).read_text(encoding="utf-8").strip()


CATALOGUE: dict[str, Any] = json.loads(credential("catalogue"))
SETS = {(one["provider"], one["id"]): one for one in CATALOGUE["sets"]}


@contextmanager
def transaction() -> Iterator[Any]:
    """Give a cursor, whose work counts once the block has ended well."""
    connection = psycopg2.connect(
        host=os.environ["DATABASE_HOST"],
        port=os.environ["DATABASE_PORT"],
        dbname=os.environ["DATABASE_NAME"],
        user=os.environ["DATABASE_ACCOUNT"],
        password=credential("database_password"),
        sslmode="verify-full",
        sslrootcert=os.environ["AUTHORITY"],
        connect_timeout=PATIENCE_SECONDS,
    )
    try:
        with connection, connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def who(environ: dict[str, Any]) -> str:
    """Return the account that asks, once it has shown its password."""
    kind, _, told = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    try:
        name, _, password = base64.b64decode(told, validate=True).decode().partition(":")
    except ValueError:
        kind = name = password = ""
    kept = CATALOGUE["accounts"].get(name, "")
    given = hashlib.sha256(password.encode()).hexdigest()
    if kind.lower() != "basic" or not hmac.compare_digest(kept, given):
        raise Refused(HTTPStatus.UNAUTHORIZED, "an account and its password are needed")
    return name


def catalogue(account: str) -> list[dict[str, Any]]:
    """Return all sets, each with whether this account may read it."""
    shown = ({name: one.get(name, "") for name in SHOWN} for one in CATALOGUE["sets"])
    return [
        {**one, "readable": may_read(account, SETS[one["provider"], one["id"]])} for one in shown
    ]


def may_read(account: str, found: dict[str, Any]) -> bool:
    """Tell whether an account may read a set: its provider may, and its consumers."""
    consumers = found.get("consumers", []) if found["share"] != "none" else []
    return account == found["provider"] or account in consumers


def read(account: str, found: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
    """Return a page of a set."""
    if not may_read(account, found):
        said = found.get("condition") or "ask its provider"
        reason = f"{account} is no consumer of this set" + (
            "" if found["share"] == "none" else f"; it is shared on condition: {said}"
        )
        raise Refused(HTTPStatus.FORBIDDEN, reason)
    first, size = number(query, "from", 0), min(number(query, "size", PAGE), LARGEST_PAGE)
    key = (found["provider"], found["id"])
    with transaction() as cursor:
        cursor.execute("SELECT updated FROM sets WHERE provider = %s AND id = %s", key)
        updated = cursor.fetchone()
        if updated is None:
            raise Refused(HTTPStatus.NOT_FOUND, "its provider has not handed it over yet")
        cursor.execute(
            "SELECT record FROM records WHERE provider = %s AND id = %s AND place >= %s"
            " ORDER BY place LIMIT %s",
            (*key, first, size + 1),
        )
        records = [row[0] for row in cursor.fetchall()]
    more = {"next": first + size} if len(records) > size else {}
    told = {"provider": key[0], "set": key[1], "updated": updated[0].isoformat()}
    return {**told, "records": records[:size], **more}


def number(query: dict[str, str], name: str, default: int) -> int:
    """Return a number of the query."""
    text = query.get(name, str(default))
    if not text.isdecimal():
        raise Refused(HTTPStatus.BAD_REQUEST, f"`{name}` is a number")
    return int(text)


def replace(account: str, found: dict[str, Any], records: Any) -> dict[str, Any]:  # noqa: ANN401
    """Take a whole set in place of the one that was there; readers see one or the other."""
    if account != found["provider"]:
        raise Refused(HTTPStatus.FORBIDDEN, f"{account} is not the provider of this set")
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise Refused(HTTPStatus.BAD_REQUEST, "a set is a list of objects")
    key = (found["provider"], found["id"])
    with transaction() as cursor:
        cursor.execute(
            "INSERT INTO sets VALUES (%s, %s, now()) ON CONFLICT (provider, id)"
            " DO UPDATE SET updated = now()",
            key,
        )
        cursor.execute("DELETE FROM records WHERE provider = %s AND id = %s", key)
        rows = [(*key, place, json.dumps(record)) for place, record in enumerate(records)]
        execute_values(cursor, "INSERT INTO records VALUES %s", rows)
    return {"records": len(records)}


def body(environ: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever somebody sends
    """Return what was sent, as JSON."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > int(os.environ["LARGEST_MB"]) * MEGABYTE:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "this set is too large")
    try:
        return json.loads(environ["wsgi.input"].read(length))
    except ValueError as failed:
        raise Refused(HTTPStatus.BAD_REQUEST, f"this is no JSON: {failed}") from failed


def answer(environ: dict[str, Any], account: str) -> Any:  # noqa: ANN401 - told as JSON
    """Answer what an account asks."""
    method = environ["REQUEST_METHOD"]
    parts = [part for part in environ.get("PATH_INFO", "/").split("/") if part]
    if (method, parts) in (("GET", []), ("GET", ["sets"])):
        return {"sets": catalogue(account)}
    found = SETS.get((parts[1], parts[2])) if len(parts) == 3 and parts[0] == "sets" else None  # noqa: PLR2004
    if found is None:
        raise Refused(HTTPStatus.NOT_FOUND, "there is no such set")
    if method == "GET":
        query = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", "")))
        return read(account, found, query)
    if method == "PUT":
        return replace(account, found, body(environ))
    raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "sets are read, or handed over by PUT")


def health() -> dict[str, bool]:
    """Tell whether sets can be read."""
    with transaction() as cursor:
        cursor.execute(TABLES)
    return {"healthy": True}


def answered(environ: dict[str, Any]) -> tuple[HTTPStatus, Any]:
    """Answer a request and write down who asked for what."""
    account = "-"
    try:
        if environ.get("PATH_INFO") == "/health":
            return HTTPStatus.OK, health()
        account = who(environ)
        status, told = HTTPStatus.OK, answer(environ, account)
    except Refused as refused:
        status, told = refused.status, {"reason": refused.reason}
    except psycopg2.Error as failed:
        sys.stderr.write(f"{failed}\n")
        status, told = HTTPStatus.SERVICE_UNAVAILABLE, {"reason": "the database does not answer"}
    asked = f"{environ['REQUEST_METHOD']} {environ.get('PATH_INFO', '/')!r}"
    visitor = environ.get("HTTP_X_FORWARDED_FOR", "-")
    sys.stderr.write(f"access account={account} from={visitor} {asked} {status.value}\n")
    sys.stderr.flush()
    return status, told


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Speak to the server, as WSGI has it."""
    status, told = answered(environ)
    text = (json.dumps(told, ensure_ascii=False) + "\n").encode()
    headers = [("Content-Type", "application/json; charset=utf-8")]
    headers += [("Content-Length", str(len(text))), ("Cache-Control", "no-store")]
    if status is HTTPStatus.UNAUTHORIZED:
        headers.append(("WWW-Authenticate", 'Basic realm="exchange"'))
    start(f"{status.value} {status.phrase}", headers)
    return [text]
