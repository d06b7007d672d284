"""The secrets of one cloud, made anew for each: passwords and keystone's keys."""

import base64
import json
import os
import secrets
from collections.abc import Iterable
from typing import Final

from govstack_sandbox.layout import Layout, write_private
from govstack_sandbox.ports import Ports
from govstack_sandbox.services import REGION, SERVICES, service_of

ADMIN: Final = "admin"
USERS: Final = (ADMIN, *(service.name for service in SERVICES))
CLOUD_NAME: Final = "govstack-sandbox"
KEY_FOLDERS: Final = ("keystone/fernet", "keystone/credential")
KEYS: Final = ("0", "1")
"""Keystone's names for the key to come and the key in use."""

Passwords = dict[str, str]
"""The password of each user."""


def generate_passwords(users: Iterable[str] = USERS) -> Passwords:
    """Make a password for each user; of a new cloud, its administrator and the services."""
    return {user: secrets.token_urlsafe(24) for user in users}


def save_passwords(layout: Layout, passwords: Passwords) -> None:
    """Write the passwords for the cloud's owner only."""
    write_private(layout.passwords, json.dumps(passwords, indent=1))


def load_passwords(layout: Layout) -> Passwords:
    """Read the passwords of the cloud."""
    loaded: Passwords = json.loads(layout.passwords.read_text(encoding="utf-8"))
    return loaded


def write_keys(layout: Layout) -> None:
    """Write keystone's symmetric keys, as Fernet wants them."""
    for folder in KEY_FOLDERS:
        for name in KEYS:
            key = base64.urlsafe_b64encode(os.urandom(32)).decode()
            write_private(layout.etc / folder / name, key)


def write_clouds(layout: Layout, ports: Ports, passwords: Passwords) -> None:
    """Write a clouds.yaml for the ordinary client (JSON is YAML)."""
    entry = {
        "auth_type": "password",
        "auth": {
            "auth_url": service_of("keystone").endpoint(ports.services["keystone"]),
            "username": ADMIN,
            "password": passwords[ADMIN],
            "project_name": ADMIN,
            "user_domain_name": "Default",
            "project_domain_name": "Default",
        },
        "region_name": REGION,
        "interface": "public",
        "identity_api_version": "3",
    }
    write_private(layout.clouds, json.dumps({"clouds": {CLOUD_NAME: entry}}, indent=1))
