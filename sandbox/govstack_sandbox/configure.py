"""Write the services' configuration files from the templates in ``conf/``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import jinja2

from govstack_sandbox.credentials import Passwords
from govstack_sandbox.layout import Layout, private_folder, write_private
from govstack_sandbox.ports import Ports
from govstack_sandbox.services import REGION, SERVICES, service_of
from govstack_sandbox.settings import SHIPPED

TEMPLATES: Final = Path(__file__).parent / "conf"
VOLUME_TYPE: Final = "standard"
POLICY: Final = "policy.yaml"
FOLDERS: Final = (
    "policy",
    "images",
    "volumes",
    "glance/staging",
    "glance/tasks",
    "glance/lock",
    "neutron/lock",
    "nova/lock",
    "cinder/lock",
    "cinder/conversion",
    "cinder/coordination",
)
"""What the services expect to find below the folder ``data``."""


def write_configuration(layout: Layout, ports: Ports, passwords: Passwords) -> None:
    """Write all configuration files, for their owner only, and the folders they name."""
    for name, text in render(layout, ports, passwords):
        write_private(layout.etc / name, text)
    for folder in FOLDERS:
        private_folder(layout.data / folder)


def render(layout: Layout, ports: Ports, passwords: Passwords) -> Iterator[tuple[str, str]]:
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
        "identity": service_of("keystone").endpoint(ports["keystone"]),
        "passwords": passwords,
        "ports": ports,
        "region": REGION,
        "volume_type": VOLUME_TYPE,
    }
    for name in (POLICY, *(name for service in SERVICES for name in service.config)):
        yield name, environment.get_template(f"{Path(name).name}.j2").render(values)
