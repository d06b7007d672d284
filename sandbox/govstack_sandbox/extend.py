"""Add optional services to a cloud whose keystone runs.

Everything of theirs is made here: databases, ports, passwords, keys, configuration, and what
keystone must know of them.  An attempt that was interrupted is begun anew; the file with the
ports, which is written last, makes them part of the cloud.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from govstack_sandbox.api import Client, Json
from govstack_sandbox.configure import write_configuration
from govstack_sandbox.credentials import (
    Passwords,
    generate_passwords,
    load_passwords,
    save_passwords,
)
from govstack_sandbox.layout import Layout
from govstack_sandbox.lifeline import die_with_parent
from govstack_sandbox.ports import choose_ports, load_ports, save_ports
from govstack_sandbox.restore import copy_databases
from govstack_sandbox.services import REGION, Service, service_of

PROJECT: Final = "service"
ROLES: Final = ("admin", "service")
INTERFACES: Final = ("public", "internal", "admin")


def extend(root: Path, template: Path, names: Sequence[str]) -> None:
    """Make the named services part of the cloud; the supervisor starts them then."""
    die_with_parent()
    layout = Layout(root)
    services = [service_of(name) for name in names]
    ports = load_ports(layout.cloud) | choose_ports(services)
    passwords = generate_passwords(names) | load_passwords(layout)
    save_passwords(layout, passwords)
    copy_databases(layout, template, services)
    write_configuration(layout, ports, passwords, services)
    client = Client(ports, passwords)
    for service in services:
        _create_user(client, service, passwords)
        _create_catalog(client, service, service.endpoint(ports.services[service.name]))
    save_ports(layout, ports)


def _create_user(client: Client, service: Service, passwords: Passwords) -> None:
    """Let the service authenticate, and do what services may."""
    body = {"name": service.name, "domain_id": "default", "password": passwords[service.name]}
    found = _named(client, "users", service.name)
    if found:
        user = found["id"]
        client.patch("keystone", f"/users/{user}", {"user": body})
    else:
        user = client.post("keystone", "/users", {"user": body})["user"]["id"]
    project = _named(client, "projects", PROJECT)["id"]
    for role in ROLES:
        identifier = _named(client, "roles", role)["id"]
        client.put("keystone", f"/projects/{project}/users/{user}/roles/{identifier}")


def _create_catalog(client: Client, service: Service, url: str) -> None:
    """Tell where the service is to be found."""
    entry = _named(client, "services", service.name)
    if not entry:
        body = {"name": service.name, "type": service.type}
        entry = client.post("keystone", "/services", {"service": body})["service"]
    listed = client.get("keystone", f"/endpoints?service_id={entry['id']}")["endpoints"]
    known = {endpoint["interface"]: endpoint["id"] for endpoint in listed}
    for interface in INTERFACES:
        body = {
            "interface": interface,
            "region_id": REGION,
            "service_id": entry["id"],
            "url": url,
        }
        if interface in known:
            client.patch("keystone", f"/endpoints/{known[interface]}", {"endpoint": body})
        else:
            client.post("keystone", "/endpoints", {"endpoint": body})


def _named(client: Client, kind: str, name: str) -> Json:
    """Return the one of that name, an empty one if there is none."""
    found: list[Json] = client.get("keystone", f"/{kind}?name={name}")[kind]
    return found[0] if found else {}
