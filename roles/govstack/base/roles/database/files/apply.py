#!/usr/bin/python3
"""Make the accounts and databases that are declared, and tell what was changed.

Runs on the host of the database, as its superuser.  Only changes are printed, so that no output
means that all was as declared.  Passwords become verifiers here: the server never sees, and so
never logs, a password.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import secrets
import sys
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

ITERATIONS = 4096
MEMBERS = "govstack_accounts"
"""The group of all accounts that were ever declared: it shows who no longer is."""


class Server:
    """The database server, or in check mode one that only says what it would do."""

    def __init__(self, port: int, *, pretend: bool) -> None:
        self._port, self._pretend = port, pretend
        self._connections: dict[str, Any] = {}

    def ask(self, query: str, *values: object, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Return rows."""
        with self._at(database).cursor() as cursor:
            cursor.execute(query, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def change(self, told: str, statement: str, *names: str, database: str = "postgres") -> None:
        """Change something, and say so; names are put into the statement as identifiers."""
        sys.stdout.write(f"{told}\n")
        if not self._pretend:
            quoted = sql.SQL(statement).format(*map(sql.Identifier, names))
            with self._at(database).cursor() as cursor:
                cursor.execute(quoted)

    def has(self, database: str) -> bool:
        """Tell whether a database is there, which in check mode it may not be yet."""
        return bool(self.ask("SELECT 1 FROM pg_database WHERE datname = %s", database))

    def _at(self, database: str) -> Any:  # noqa: ANN401 - the driver has no types
        if database not in self._connections:
            made = psycopg2.connect(host="/run/postgresql", port=self._port, dbname=database)
            made.autocommit = True
            self._connections[database] = made
        return self._connections[database]


def verifier(password: str, salt: bytes, iterations: int = ITERATIONS) -> str:
    """Return what the server keeps of a password, as RFC 5802 and 7677 have it."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client = hmac.digest(salted, b"Client Key", "sha256")
    stored = base64.b64encode(hashlib.sha256(client).digest()).decode()
    server = base64.b64encode(hmac.digest(salted, b"Server Key", "sha256")).decode()
    return f"SCRAM-SHA-256${iterations}:{base64.b64encode(salt).decode()}${stored}:{server}"


def fits(kept: str, password: str) -> bool:
    """Tell whether a password is the one that the server keeps a verifier of."""
    if not kept.startswith("SCRAM-SHA-256$"):
        return False
    iterations, salt = kept.split("$")[1].split(":")
    return hmac.compare_digest(kept, verifier(password, base64.b64decode(salt), int(iterations)))


def make_account(server: Server, name: str, password: str, rights: str, limit: int) -> None:
    """Make an account, or give it back what it is to have."""
    query = (
        "SELECT rolcanlogin, rolconnlimit, coalesce(rolpassword, '') FROM pg_authid"
        " WHERE rolname = %s"
    )
    found = server.ask(query, name)
    if not found:
        server.change(f"account {name}: made", f"CREATE ROLE {{}} {rights}", name)
    login, former, kept = found[0] if found else (False, -1, "")
    if not login or former != limit:
        wanted = f"ALTER ROLE {{}} LOGIN CONNECTION LIMIT {limit}"
        server.change(f"account {name}: may log in", wanted, name)
    if not fits(kept, password):
        # Letters, digits and `+/=:$-` alone, so it can stand between quotes as it is.
        made = verifier(password, secrets.token_bytes(16))
        server.change(f"account {name}: password", f"ALTER ROLE {{}} PASSWORD '{made}'", name)


def make_accounts(server: Server, accounts: list[dict[str, Any]]) -> None:
    """Make all accounts, and shut out those that were declared once."""
    group = server.ask("SELECT 1 FROM pg_roles WHERE rolname = %s", MEMBERS)
    if not group:
        server.change("group of accounts: made", "CREATE ROLE {} NOLOGIN", MEMBERS)
    query = (
        "SELECT member.rolname, member.rolcanlogin FROM pg_auth_members AS one"
        " JOIN pg_roles AS grp ON grp.oid = one.roleid AND grp.rolname = %s"
        " JOIN pg_roles AS member ON member.oid = one.member"
    )
    members = dict(server.ask(query, MEMBERS))
    for account in accounts:
        name = account["name"]
        limit = account.get("connections", 20)
        make_account(server, name, account["password"], "NOREPLICATION", limit)
        if name not in members:
            server.change(f"account {name}: declared", "GRANT {} TO {}", MEMBERS, name)
    declared = {account["name"] for account in accounts}
    for name, login in sorted(members.items()):
        if login and name not in declared:
            server.change(f"account {name}: no longer declared", "ALTER ROLE {} NOLOGIN", name)


def make_database(server: Server, name: str, owner: str, *, audit: bool) -> None:
    """Make a database that only its owner gets into."""
    if not server.has(name):
        server.change(f"database {name}: made", "CREATE DATABASE {} OWNER {}", name, owner)
    query = (
        "SELECT rolname FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba WHERE datname = %s"
    )
    if server.ask(query, name) not in ([], [(owner,)]):
        server.change(f"database {name}: owner", "ALTER DATABASE {} OWNER TO {}", name, owner)
    close(server, name)
    if audit and server.has(name):
        extension = "SELECT 1 FROM pg_extension WHERE extname = 'pgaudit'"
        if not server.ask(extension, database=name):
            told, statement = f"database {name}: audited", "CREATE EXTENSION pgaudit"
            server.change(told, statement, database=name)


def close(server: Server, name: str) -> None:
    """Let nobody in by default."""
    query = (
        "SELECT 1 FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) AS one"
        " WHERE datname = %s AND one.grantee = 0"
    )
    if server.ask(query, name):
        statement = "REVOKE ALL ON DATABASE {} FROM PUBLIC"
        server.change(f"database {name}: closed to others", statement, name)


def mistakes(server: Server) -> list[str]:
    """Return what the server could not read in its settings."""
    query = (
        "SELECT concat(sourcefile, ':', sourceline, ': ', error) FROM pg_file_settings"
        " WHERE error IS NOT NULL AND position('restart' in error) = 0 UNION ALL"
        " SELECT concat('hba.conf:', line_number, ': ', error) FROM pg_hba_file_rules"
        " WHERE error IS NOT NULL"
    )
    return [str(row[0]) for row in server.ask(query)]


def main() -> int:
    """Make what is declared."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("declared", type=Path)
    parser.add_argument("--port", type=int, default=5432)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true", help="only tell what would be changed")
    mode.add_argument("--apply", action="store_true")
    options = parser.parse_args()
    told = str(options.declared) == "-"
    text = sys.stdin.read() if told else options.declared.read_text(encoding="utf-8")
    declared = json.loads(text)
    server = Server(options.port, pretend=options.check)
    if declared["copier_password"]:
        name, password = declared["copier"], declared["copier_password"]
        make_account(server, name, password, "REPLICATION", -1)
    make_accounts(server, declared["accounts"])
    for database in declared["databases"]:
        make_database(server, database["name"], database["owner"], audit=declared["audit"])
    for name in ("postgres", "template1"):
        close(server, name)
    found = mistakes(server)
    sys.stderr.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
