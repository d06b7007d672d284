#!/usr/bin/python3
"""Make the accounts, virtual hosts and rights of the message queue that are declared.

Only changes are printed, so that no output means that all was as declared.  Asks the node once
and tells it once, since each call of its tool takes seconds.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

CONTROL = "rabbitmqctl"
ALGORITHM = "rabbit_password_hashing_sha256"
SALT = 4
"""Bytes of salt that the server puts before a digest."""


def control(*arguments: str) -> str:
    """Ask the node's own tool."""
    command = [CONTROL, "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(done.stderr.strip() or done.stdout.strip())
    return done.stdout


def digest(password: str, salt: bytes) -> str:
    """Return what the server keeps of a password."""
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def fits(user: dict[str, Any] | None, password: str) -> bool:
    """Tell whether a password is the one that the server keeps the digest of."""
    if user is None or user["hashing_algorithm"] != ALGORITHM:
        return False
    kept = user["password_hash"]
    return hmac.compare_digest(kept, digest(password, base64.b64decode(kept)[:SALT]))


def wanted_rights(declared: dict[str, Any]) -> dict[tuple[str, str], dict[str, str]]:
    """Return the declared rights by virtual host and account."""
    kinds = ("configure", "write", "read")
    return {
        (host["name"], right["account"]): {kind: right.get(kind, "") for kind in kinds}
        for host in declared["hosts"]
        for right in host["rights"]
    }


def missing(declared: dict[str, Any], present: dict[str, Any]) -> dict[str, Any]:
    """Return what is to be made or changed."""
    users = {user["name"]: user for user in present["users"]}
    made: dict[str, Any] = {"users": [], "vhosts": [], "permissions": []}
    for account in declared["accounts"]:
        user = users.get(account["name"])
        if not fits(user, account["password"]) or (user and user["tags"]):
            kept = digest(account["password"], secrets.token_bytes(SALT))
            name = account["name"]
            entry = {"name": name, "password_hash": kept, "hashing_algorithm": ALGORITHM}
            made["users"].append({**entry, "tags": []})
    there = {host["name"] for host in present["vhosts"]}
    names = (host["name"] for host in declared["hosts"])
    made["vhosts"] = [{"name": name} for name in names if name not in there]
    rights = _present_rights(present)
    for (host, account), right in wanted_rights(declared).items():
        if rights.get((host, account)) != right:
            made["permissions"].append({"vhost": host, "user": account, **right})
    return made


def _present_rights(present: dict[str, Any]) -> dict[tuple[str, str], dict[str, str]]:
    kinds = ("configure", "write", "read")
    return {
        (one["vhost"], one["user"]): {kind: one[kind] for kind in kinds}
        for one in present["permissions"]
    }


def tell(made: dict[str, Any]) -> None:
    """Print what is made or changed; never a digest."""
    lines = [f"account {one['name']}: made or changed" for one in made["users"]]
    lines += [f"virtual host {one['name']}: made" for one in made["vhosts"]]
    lines += [f"rights of {one['user']} in {one['vhost']}" for one in made["permissions"]]
    sys.stdout.writelines(f"{line}\n" for line in lines)


def load(made: dict[str, Any]) -> None:
    """Have the node take in what is to be made; by a file that only its account reads."""
    folder = Path("/var/lib/rabbitmq")
    with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".json", encoding="utf-8") as file:
        json.dump({key: value for key, value in made.items() if value}, file)
        file.flush()
        owner = folder.stat()
        Path(file.name).chmod(0o600)
        os.chown(file.name, owner.st_uid, owner.st_gid)
        control("import_definitions", file.name)


def remove(declared: dict[str, Any], present: dict[str, Any], *, pretend: bool) -> None:
    """Take away accounts and rights that are not declared."""
    accounts = {account["name"] for account in declared["accounts"]}
    for user in present["users"]:
        if user["name"] not in accounts:
            sys.stdout.write(f"account {user['name']}: taken away\n")
            if not pretend:
                control("delete_user", user["name"])
    wanted = wanted_rights(declared)
    for host, account in _present_rights(present):
        if account in accounts and (host, account) not in wanted:
            sys.stdout.write(f"rights of {account} in {host}: taken away\n")
            if not pretend:
                control("clear_permissions", "--vhost", host, account)


def main() -> int:
    """Make what is declared."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("declared", type=Path)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true", help="only tell what would be changed")
    mode.add_argument("--apply", action="store_true")
    options = parser.parse_args()
    told = str(options.declared) == "-"
    text = sys.stdin.read() if told else options.declared.read_text(encoding="utf-8")
    declared = json.loads(text)
    present = json.loads(control("export_definitions", "-", "--format", "json"))
    present = {"users": [], "vhosts": [], "permissions": [], **present}
    made = missing(declared, present)
    tell(made)
    if not options.check and any(made.values()):
        load(made)
    remove(declared, present, pretend=options.check)
    return 0


if __name__ == "__main__":
    sys.exit(main())
