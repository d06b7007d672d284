"""How others reach the cloud: an entry for a clouds.yaml, and a file that has one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from govstack.errors import SandboxFailed
from govstack.sandbox.layout import Layout
from govstack.sandbox.status import MDNS, read_inner_ports
from govstack.values.secret import Secret

CLOUD_NAME: Final = "govstack-sandbox"
"""The entry's name in the clouds.yaml, for ``openstack --os-cloud``."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Access as the cloud's administrator; the password in `entry` is a `Secret`.

    Attributes:
        entry: what stands in the clouds.yaml.
        clouds_file: the clouds.yaml.
        dns_port: where the cloud answers questions for names, 0 if nobody has wanted that.
    """

    entry: Mapping[str, object]
    clouds_file: Path
    dns_port: int = 0


def connection(root: Path) -> Connection:
    """Return access to the cloud in this folder, whether or not it runs.

    Raises:
        SandboxFailed: there is no cloud.
    """
    layout = Layout(root)
    path = layout.clouds
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))["clouds"][CLOUD_NAME]
        auth = {**entry["auth"], "password": Secret(entry["auth"]["password"])}
    except FileNotFoundError as error:
        raise SandboxFailed(
            f"there is no embedded cloud in {root}", hint="make one: govstack sandbox start"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise SandboxFailed(
            f"{path} cannot be read: {error!r}",
            hint="govstack sandbox reset makes the cloud anew; all that is in it is lost",
        ) from error
    return Connection(
        entry={**entry, "auth": auth},
        clouds_file=path,
        dns_port=read_inner_ports(layout).get(MDNS, 0),
    )
