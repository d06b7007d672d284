"""Write the services' configuration files from the templates in ``conf/``."""

import base64
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import jinja2

from govstack_sandbox.credentials import Passwords
from govstack_sandbox.layout import Layout, private_folder, write_private
from govstack_sandbox.ports import Ports
from govstack_sandbox.services import MDNS, REGION, SERVICES, Service, service_of
from govstack_sandbox.settings import SHIPPED

TEMPLATES: Final = Path(__file__).parent / "conf"
VOLUME_TYPE: Final = "standard"
POLICY: Final = "policy.yaml"
KEY_BYTES: Final = 32
FOLDERS: Final = {
    "keystone": ("policy",),
    "glance": ("images", "glance/staging", "glance/tasks", "glance/lock"),
    "neutron": ("neutron/lock",),
    "nova": ("nova/lock",),
    "cinder": ("volumes", "cinder/lock", "cinder/conversion", "cinder/coordination"),
    "barbican": ("barbican/lock",),
    "designate": ("designate/lock", "designate/coordination"),
    "octavia": ("octavia/lock",),
    "swift": ("objects/disk",),
}
"""What the services expect to find below the folder ``data``."""


def write_configuration(
    layout: Layout,
    ports: Ports,
    passwords: Passwords,
    services: Iterable[Service] = SERVICES,
) -> None:
    """Write the services' files, for their owner only, and the folders they name.

    The keys that some of them hold are made here, and are nowhere else.
    """
    wanted = tuple(services)
    for name, text in render(layout, ports, passwords, wanted):
        write_private(layout.etc / name, text)
    for service in wanted:
        for folder in FOLDERS.get(service.name, ()):
            private_folder(layout.data / folder)


def render(
    layout: Layout, ports: Ports, passwords: Passwords, services: Iterable[Service]
) -> Iterator[tuple[str, str]]:
    """Yield path and text of each configuration file."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - the result is no markup
        keep_trailing_newline=True,
    )
    values = {
        "db": layout.db,
        "etc": layout.etc,
        "log": layout.log,
        "data": layout.data,
        "shipped": SHIPPED,
        "identity": service_of("keystone").endpoint(ports.services["keystone"]),
        "passwords": passwords,
        "ports": ports.services,
        "inner": ports.inner,
        "mdns": MDNS,
        "new_key": _new_key,
        "volume_key": secrets.token_hex(KEY_BYTES),  # one for nova and cinder
        "region": REGION,
        "volume_type": VOLUME_TYPE,
        "hosts": layout.hosts.exists(),
    }
    for name in (POLICY, *(name for service in services for name in service.config)):
        yield name, environment.get_template(f"{Path(name).name}.j2").render(values)


def _new_key() -> str:
    """Make a key, as text that both INI files and base64 decoders accept."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
