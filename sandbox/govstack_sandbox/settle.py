"""Fill a new cloud and wait until it is ready: until a server could be created in it.

That a port answers proves nothing: nova and cinder place nothing while their services count as
down, and nova has nowhere to place anything until its hosts are known to placement.
"""

import time
from pathlib import Path
from typing import Final

from govstack_sandbox.api import Client, RequestFailed
from govstack_sandbox.credentials import load_passwords
from govstack_sandbox.layout import Layout, write_private
from govstack_sandbox.lifeline import die_with_parent
from govstack_sandbox.ports import load_ports
from govstack_sandbox.seed import seed
from govstack_sandbox.services import COMPUTES

TIMEOUT: Final = 60
PAUSE: Final = 0.2
"""Seconds between two looks at what only the services themselves can know."""
SERVICES_UP: Final = {
    "nova": {"nova-conductor", "nova-scheduler", "nova-compute"},
    "cinder": {"cinder-scheduler", "cinder-volume"},
}


class NotReady(RuntimeError):
    """The cloud did not become ready in time; says what is missing."""


def settle(root: Path) -> None:
    """Seed the cloud if it is new; return once it is ready.

    Raises:
        NotReady: something is still missing after the time-out.
    """
    die_with_parent()
    layout = Layout(root)
    client = Client(load_ports(layout.cloud), load_passwords(layout))
    _wait(client)
    if not layout.seeded.exists():
        seed(client)
        write_private(layout.seeded, "")


def _wait(client: Client) -> None:
    deadline = time.monotonic() + TIMEOUT
    while lacking := missing(client):
        if time.monotonic() > deadline:
            raise NotReady(f"after {TIMEOUT} seconds there is no {', no '.join(lacking)}")
        time.sleep(PAUSE)


def missing(client: Client) -> list[str]:
    """Return what a server needs and the cloud does not have."""
    try:
        return [*_missing_services(client), *_missing_hosts(client)]
    except RequestFailed as error:
        return [f"answer ({error})"]


def _missing_services(client: Client) -> list[str]:
    lacking = []
    for service, wanted in SERVICES_UP.items():
        listed = client.get(service, "/os-services")["services"]
        up = {entry["binary"] for entry in listed if entry["state"] == "up"}
        lacking += sorted(wanted - up)
        hosts = {entry["host"] for entry in listed if entry["state"] == "up"}
        if service == "nova":
            lacking += sorted(set(COMPUTES) - hosts)
    return lacking


def _missing_hosts(client: Client) -> list[str]:
    providers = client.get("placement", "/resource_providers")["resource_providers"]
    known = {provider["name"] for provider in providers}
    return [f"resource provider {host}" for host in COMPUTES if host not in known]
